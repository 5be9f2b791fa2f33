/** The lines of a stack below the description of its error, and none where it has no frames. */
export function framesOf(stack: string): string {
  if (stack.startsWith("    at ")) return stack;
  const at = stack.indexOf("\n    at ");
  return at === -1 ? "" : stack.slice(at + 1);
}
