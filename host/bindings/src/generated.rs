//! What wasmtime generates from `wit/`. Functions that wait are async.

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package ouro:bindings;
        world host {
            import ouro:host/env@0.1.0;
            import ouro:host/assets@0.1.0;
            import ouro:host/cache@0.1.0;
            import ouro:host/database@0.1.0;
            import ouro:host/logging@0.1.0;
            import ouro:host/intl@0.1.0;
            import ouro:host/service@0.1.0;
            import ouro:host/websocket@0.1.0;
            import ouro:host/compression@0.1.0;
            import ouro:host/crypto@0.1.0;
            import ouro:host/artifacts@0.1.0;
            import ouro:host/build@0.1.0;
            import ouro:host/crons@0.1.0;
            import ouro:host/databases@0.1.0;
            import ouro:host/domains@0.1.0;
            import ouro:host/executions@0.1.0;
            import ouro:host/identity@0.1.0;
            import ouro:host/mail@0.1.0;
            import ouro:host/routing@0.1.0;
            import ouro:host/secrets@0.1.0;
        }
    ",
    imports: {
        "ouro:host/assets.fetch": async | trappable,
        "ouro:host/cache.match": async | trappable,
        "ouro:host/cache.delete": async | trappable,
        "ouro:host/cache.[static]writer.finish": async | trappable,
        "ouro:host/database.[static]connection.open": async | trappable,
        "ouro:host/database.[method]connection.query": async | trappable,
        "ouro:host/database.[method]connection.exec": async | trappable,
        "ouro:host/database.[method]pending.take": async | trappable,
        "ouro:host/compression.[method]coder.step": async | trappable,
        "ouro:host/crypto.generate": async | trappable,
        "ouro:host/crypto.import-key": async | trappable,
        "ouro:host/crypto.export-key": async | trappable,
        "ouro:host/crypto.sign": async | trappable,
        "ouro:host/crypto.verify": async | trappable,
        "ouro:host/crypto.encrypt": async | trappable,
        "ouro:host/crypto.decrypt": async | trappable,
        "ouro:host/crypto.derive": async | trappable,
        "ouro:host/crypto.lock-key": async | trappable,
        "ouro:host/crypto.unlock-key": async | trappable,
        "ouro:host/crypto.generate-prime": async | trappable,
        "ouro:host/crypto.is-prime": async | trappable,
        "ouro:host/crypto.generate-group-prime": async | trappable,
        "ouro:host/crypto.check-group": async | trappable,
        "ouro:host/crypto.generate-numbers": async | trappable,
        "ouro:host/crypto.group-secret": async | trappable,
        "ouro:host/crypto.pbkdf2": async | trappable,
        "ouro:host/crypto.scrypt": async | trappable,
        "ouro:host/artifacts.missing": async | trappable,
        "ouro:host/artifacts.put": async | trappable,
        "ouro:host/artifacts.put-bytes": async | trappable,
        "ouro:host/build.prepare": async | trappable,
        "ouro:host/databases.create": async | trappable,
        "ouro:host/databases.delete": async | trappable,
        "ouro:host/databases.open": async | trappable,
        "ouro:host/domains.check": async | trappable,
        "ouro:host/executions.flush": async | trappable,
        "ouro:host/identity.hash-password": async | trappable,
        "ouro:host/identity.verify-password": async | trappable,
        "ouro:host/mail.send": async | trappable,
        "ouro:host/routing.check": async | trappable,
        "ouro:host/routing.reload": async | trappable,
        default: trappable,
    },
    require_store_data_send: true,
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "wasi:http": wasmtime_wasi_http::p2::bindings::http,
        "ouro:host/cache.writer": crate::cache::Writer,
        "ouro:host/compression.coder": crate::compression::Coder,
        "ouro:host/service.channel": ouro_runtime::Channel,
        "ouro:host/database.connection": crate::database::Connection,
        "ouro:host/database.pending": crate::queries::Pending,
        "ouro:host/websocket.socket": crate::websocket::Socket,
        "ouro:host/websocket.connecting": crate::websocket::Connecting,
    },
});
