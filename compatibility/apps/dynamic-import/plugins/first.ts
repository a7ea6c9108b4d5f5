export default "the first";
