import { render } from "preact";
import { App } from "./app.tsx";
import "uplot/dist/uPlot.min.css";
import "./app.css";

const place = document.getElementById("app")!;
place.textContent = "";
render(<App />, place);
