import { names, run } from "./runner.js";
import { Freshet } from "../../freshet.js";
import "../sse.test.js";
import "../freshet.test.js";

Object.assign(globalThis, { CONTROL: location.origin, names, run, Freshet });
