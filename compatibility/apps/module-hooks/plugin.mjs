export default "PLACE by a hook";
