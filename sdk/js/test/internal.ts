/** Stands for `ouro:internal` in tests. */
import { internal } from "../src/internal";

export default internal;
