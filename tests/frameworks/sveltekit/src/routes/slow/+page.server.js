export const load = () => ({ late: new Promise((resolve) => setTimeout(() => resolve("arrived"), 300)) });
