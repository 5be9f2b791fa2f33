// xstate
import { createActor, createMachine } from "xstate";
export default async ({ equal }) => { const a = createActor(createMachine({ initial: "off", states: { off: { on: { T: "on" } }, on: { after: { 2: "off" } } } })).start(); a.send({ type: "T" }); const on = a.getSnapshot().value; await new Promise((r) => setTimeout(r, 20)); equal([on, a.getSnapshot().value], ["on", "off"]); };
