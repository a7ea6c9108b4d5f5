let count = 0;
exports.configure = () => {
  const appender = () => {
    count++;
  };
  appender.shutdown = (done) => {
    console.log("counted", count);
    done();
  };
  return appender;
};
