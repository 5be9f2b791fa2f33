// Text for the segmenter of the host, without end.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"memory_bytes": 134217728}}
export default { fetch() {
    const text = "né à ".repeat(10_000);
    const segmenter = new Intl.Segmenter("fr", { granularity: "word" });
    for (;;) Array.from(segmenter.segment(text)).length;
} };
