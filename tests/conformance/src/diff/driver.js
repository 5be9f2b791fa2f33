// In front of a worker on workerd: runs its other handlers when a request asks for it, at the paths and with the answers of Ouro's
// `test_scheduled`. workerd hands over batches and times; of the items for `tail` it knows no more than that a method gets them.
export default {
  async fetch(request, { WORKER }) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/__scheduled": {
        const { outcome, noRetry } = await WORKER.scheduled({ cron: searchParams.get("cron"), scheduledTime: new Date(Number(searchParams.get("time"))) });
        return answer(outcome, { noRetry });
      }
      case "/cdn-cgi/handler/queue": {
        const { messages } = await request.json();
        const batch = messages.map((message) => ({ ...message, timestamp: new Date(message.timestamp) }));
        const { outcome, ...decisions } = await WORKER.queue(searchParams.get("queue"), batch);
        return answer(outcome, described(decisions, batch));
      }
      case "/cdn-cgi/handler/tail":
        await WORKER.tail(await request.json());
        return answer("ok", {});
      default:
        return WORKER.fetch(request);
    }
  },
};

function answer(outcome, rest) {
  return Response.json({ ...rest, outcome }, { status: outcome === "ok" ? 200 : 500, headers: { "content-type": "application/json" } });
}

/** Messages by their place in the batch, and null for what was not said. */
function described({ ackAll, retryBatch, explicitAcks, retryMessages }, batch) {
  const place = (id) => batch.findIndex((message) => message.id === id);
  const delay = (seconds) => seconds ?? null;
  return {
    ackAll,
    retryBatch: { retry: retryBatch.retry, delaySeconds: delay(retryBatch.delaySeconds) },
    explicitAcks: explicitAcks.map(place).sort(),
    retryMessages: retryMessages.map(({ msgId, delaySeconds }) => ({ message: place(msgId), delaySeconds: delay(delaySeconds) })),
  };
}
