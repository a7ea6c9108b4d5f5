const moment = require("moment-timezone");
for (const l of ["fr", "ja"]) console.log(moment("2014-06-01").locale(l).format("LLLL"));
