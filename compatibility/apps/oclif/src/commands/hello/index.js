const { Command, Flags, Args } = require("@oclif/core");
module.exports = class Hello extends Command {
  static description = "Say hello";
  static args = { name: Args.string({ required: true }) };
  static flags = { from: Flags.string({ char: "f", default: "me" }) };
  async run() {
    const { args, flags } = await this.parse(Hello);
    this.log(`hello ${args.name} from ${flags.from}`);
  }
};
