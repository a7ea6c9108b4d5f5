import "postcss-cli/index.js";
