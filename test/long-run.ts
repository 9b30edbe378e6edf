/** Whether this is `npm run test:long`: what takes a minute or more, and goes the same way as what does not, runs only there. */
export const LONG_RUN = process.env.FORESHADOW_TEST_LONG !== undefined;
