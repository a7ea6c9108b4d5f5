const workerpool = require("workerpool");

workerpool.worker({ reverse: (text) => [...text].reverse().join("") });
