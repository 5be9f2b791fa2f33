use super::*;

fn at(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text)
        .expect("RFC 3339")
        .timestamp_millis()
}

fn schedule(expression: &str, zone: &str) -> Schedule {
    Schedule::parse(expression, zone, Weekdays::Posix).expect(expression)
}

/// The next due times after one, as they stand in UTC.
fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let times = schedule(expression, zone).upcoming(at(after), count);
    let text = |ms: i64| {
        let time = DateTime::from_timestamp_millis(ms).expect("a time");
        time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    times.into_iter().map(text).collect()
}

fn error(expression: &str) -> String {
    let parsed = Schedule::parse(expression, "UTC", Weekdays::Posix);
    parsed.expect_err(expression).to_string()
}

#[test]
fn expressions_come_due_as_they_say() {
    // After Thursday, 2026-01-01.
    let table = [
        ("* * * * *", "2026-01-01T00:01:00Z"),
        ("*/15 * * * *", "2026-01-01T00:15:00Z"),
        ("5-10/5 3 * * *", "2026-01-01T03:05:00Z"),
        ("0 9,17 * * *", "2026-01-01T09:00:00Z"),
        ("0 0 1 FEB *", "2026-02-01T00:00:00Z"),
        ("0 0 * * MON", "2026-01-05T00:00:00Z"),
        ("0 0 * * mon-wed", "2026-01-05T00:00:00Z"),
        ("0 0 * * 0", "2026-01-04T00:00:00Z"),
        ("0 0 * * 7", "2026-01-04T00:00:00Z"),
        ("0 0 L * *", "2026-01-31T00:00:00Z"),
        ("0 0 * * 5#2", "2026-01-09T00:00:00Z"),
        ("0 0 * * FRI#L", "2026-01-30T00:00:00Z"),
        ("0 0 31W * *", "2026-01-30T00:00:00Z"),
        ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
        // The day of month or the day of week.
        ("0 0 13 * 5", "2026-01-02T00:00:00Z"),
        ("@daily", "2026-01-02T00:00:00Z"),
        ("* * * * * *", "2026-01-01T00:00:01Z"),
        ("30 0 0 * * *", "2026-01-01T00:00:30Z"),
        ("*/7 * * * * *", "2026-01-01T00:00:07Z"),
    ];
    for (expression, expected) in table {
        let found = next(expression, "UTC", "2026-01-01T00:00:00Z", 1);
        assert_eq!(found, [expected], "{expression}");
    }
}

#[test]
fn days_of_the_week_are_numbered_as_asked_for() {
    let sunday = at("2026-01-04T00:00:00Z");
    let thursday = at("2026-01-01T00:00:00Z");
    for (expression, weekdays) in [
        ("0 0 * * 0", Weekdays::Posix),
        ("0 0 * * 1", Weekdays::Cloudflare),
        ("0 0 * * SUN", Weekdays::Cloudflare),
    ] {
        let schedule = Schedule::parse(expression, "UTC", weekdays).expect("valid");
        assert_eq!(schedule.next(thursday), Some(sunday), "{expression}");
    }
}

#[test]
fn local_times_are_those_of_the_time_zone() {
    let berlin = next("0 9 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", 1);
    assert_eq!(berlin, ["2026-07-01T07:00:00Z"]);
    let new_york = next("0 9 * * *", "America/New_York", "2026-01-01T00:00:00Z", 1);
    assert_eq!(new_york, ["2026-01-01T14:00:00Z"]);
    let kolkata = next("0 9 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", 1);
    assert_eq!(kolkata, ["2026-01-01T03:30:00Z"]);
}

#[test]
fn a_local_time_that_is_skipped_runs_once_after_the_gap() {
    // 02:00 to 03:00 is not there on 2026-03-29.
    let found = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 3);
    assert_eq!(
        found,
        [
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z",
            "2026-03-31T00:30:00Z"
        ]
    );
    // On 2026-03-08 there.
    let found = next("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2);
    assert_eq!(found, ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]);
}

#[test]
fn a_local_time_that_is_repeated_runs_once() {
    // 02:00 to 03:00 is there twice on 2026-10-25.
    let found = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(found, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    // 01:00 to 02:00 on 2026-11-01 there.
    let found = next("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2);
    assert_eq!(found, ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]);
}

#[test]
fn what_runs_every_so_often_goes_on_through_both() {
    let forward = next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4);
    assert_eq!(
        forward,
        [
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z",
            "2026-03-29T02:00:00Z"
        ]
    );
    let back = next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 6);
    assert_eq!(
        back,
        [
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-25T02:30:00Z"
        ]
    );
}

#[test]
fn an_error_names_the_field() {
    for (expression, field) in [
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 32 * *", "day of month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of week"),
        ("61 * * * * *", "second"),
        ("* * * FOO *", "month"),
        ("a * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
    ] {
        let error = error(expression);
        assert!(error.contains(&format!("is no {field}:")), "{error}");
    }
    for expression in ["", "* * * *", "* * * * * * *", "* * * * * * 2030"] {
        assert!(error(expression).contains("fields"), "{expression}");
    }
    assert!(error(&"1,".repeat(200)).contains("at most 200 characters"));
}

#[test]
fn an_unknown_time_zone_is_named() {
    let error = Schedule::parse("* * * * *", "Europe/Bärlin", Weekdays::Posix)
        .expect_err("no such time zone");
    assert!(error.is_about_time_zone());
    assert!(error.to_string().contains("`Europe/Bärlin`"), "{error}");
}

#[test]
fn what_never_comes_due_has_no_next_time() {
    assert_eq!(schedule("0 0 30 2 *", "UTC").next(0), None);
}

#[test]
fn the_last_due_times_are_found_over_any_span() {
    let every_second = schedule("* * * * * *", "Europe/Berlin");
    let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
    let last = every_second.last_between(from, until + 500, 3);
    assert_eq!(last, [until - 2_000, until - 1_000, until]);
    assert_eq!(every_second.last_between(from, from, 3), [from]);
    let daily = schedule("30 2 * * *", "Europe/Berlin");
    let due = daily.last_between(at("2026-03-28T01:30:00Z"), at("2026-03-30T01:00:00Z"), 9);
    assert_eq!(
        due,
        [
            at("2026-03-28T01:30:00Z"),
            at("2026-03-29T01:00:00Z"),
            at("2026-03-30T00:30:00Z")
        ]
    );
}
