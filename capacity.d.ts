// For Pulumi programs in the default CommonJS template, which resolve types by path and not by `exports`.
export * from "./dist/commonjs/stacks/capacity.js";
