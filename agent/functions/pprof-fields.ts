/**
 * Field numbers of a profile as pprof keeps it (https://github.com/google/pprof/blob/main/proto/profile.proto), what CPU profiles need of
 * them. Addresses and mappings are passed over.
 */
export const PROFILE = {
  sampleType: 1,
  sample: 2,
  location: 4,
  function: 5,
  string: 6,
  time: 9,
  duration: 10,
  periodType: 11,
  period: 12,
} as const;
export const VALUE_TYPE = { type: 1, unit: 2 } as const;
export const SAMPLE = { location: 1, value: 2 } as const;
export const LOCATION = { id: 1, line: 4 } as const;
export const LINE = { function: 1, line: 2 } as const;
export const FUNCTION = { id: 1, name: 2, systemName: 3, file: 4, line: 5 } as const;
export const NANOSECONDS = 1e9;
