// Pragmas that change how the database is kept.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const refused = [];
    for (const sql of [
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = 1",
        "PRAGMA max_page_count = 1000000000",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA data_store_directory = '/tmp'",
        "PRAGMA trusted_schema = 1",
        "PRAGMA mmap_size = 1099511627776",
        "PRAGMA cache_size = -10000000",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA soft_heap_limit = 1",
        "PRAGMA temp_store = 2",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA synchronous = 0",
        "PRAGMA cell_size_check = 0",
        "PRAGMA lock_proxy_file = '/tmp/x'",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA key = 'x'",
        "PRAGMA module_list",
        "PRAGMA database_list",
        "PRAGMA threads = 100",
    ]) {
        try { await env.DB.prepare(sql).all(); refused.push(sql); } catch {}
    }
    return Response.json(refused);
} };
