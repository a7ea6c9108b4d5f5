import "./app.css";

document.title = "built";
