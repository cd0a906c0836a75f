import CairnCore
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// The last 03:12, as `--as-of` takes it.
struct TimeOfDayTests {
    private static let cases: [(text: String, now: String, end: String?, instant: String)] = [
        ("03:12", "2025-12-25T03:12:00Z", nil, "2025-12-25T03:12:00Z"),
        ("03:12", "2025-12-25T03:11:59.999999999Z", nil, "2025-12-24T03:12:00Z"),
        ("03:12:30.5", "2025-12-25T20:00:00Z", nil, "2025-12-25T03:12:30.5Z"),
        ("00:00", "2025-12-25T00:00:00Z", nil, "2025-12-25T00:00:00Z"),
        ("23:59:59", "2025-12-25T00:00:00Z", nil, "2025-12-24T23:59:59Z"),
        ("03:12+01:00", "2025-12-25T02:12:00Z", nil, "2025-12-25T02:12:00Z"),
        ("00:30+01:00", "2025-12-25T23:30:00Z", nil, "2025-12-25T23:30:00Z"),
        ("22:00-05:00", "2025-12-25T04:00:00Z", nil, "2025-12-25T03:00:00Z"),
        ("03:12z", "1969-12-31T12:00:00Z", nil, "1969-12-31T03:12:00Z"),
        // Nothing was recorded since 03:05, and that is what is looked at.
        ("03:12", "2025-12-25T03:30:00Z", "2025-12-25T03:05:00Z", "2025-12-25T03:12:00Z"),
        ("03:12", "2025-12-25T03:30:00Z", "2025-12-24T03:30:00Z", "2025-12-25T03:12:00Z"),
        ("03:12", "2025-12-25T03:30:00Z", "2025-12-24T03:29:59Z", "2025-12-24T03:12:00Z"),
        ("03:12", "2025-12-25T03:30:00Z", "2012-05-15T03:05:00Z", "2012-05-14T03:12:00Z"),
        // A clock may have been ahead.
        ("03:12", "2025-12-25T03:30:00Z", "2026-01-01T00:00:00Z", "2025-12-25T03:12:00Z"),
    ]

    @Test(arguments: cases)
    func `a time of day is the last such one up to now, or up to where an old journal ends`(
        text: String,
        now: String,
        end: String?,
        instant: String
    ) throws {
        let time = try TimeOfDay(text)
        let found = time.last(
            now: try Timestamp(rfc3339: now),
            end: try end.map { try Timestamp(rfc3339: $0) }
        )
        #expect(found == (try Timestamp(rfc3339: instant)), "\(found)")
    }

    @Test(arguments: [
        "3:12", "03:1", "03:12:3", "03:12.5", "03:12pm", "03:12 ", "03:12:", "24:00", "03:60",
        "03:12+", "03:12+1", "03:12+24:00", "03:12ZZ", "03:\u{301}12",
    ])
    func `what looks like a time of day and is none is refused`(text: String) {
        #expect(TimeOfDay.isMeant(by: text))
        #expect(throws: (any Error).self) { try TimeOfDay(text) }
    }

    @Test(arguments: ["0312", "10m", "2025-12-25T10:00:00Z", ":12", "abc:12", "", "003:12"])
    func `what is something else is not taken for a time of day`(text: String) {
        #expect(!TimeOfDay.isMeant(by: text))
    }

    @Test func `a verb says which day it looks at, and answers as of then`() async throws {
        let fixture = try await Fixture()
        let day = "2025-12-25T10:02:30Z"
        for verb in ["requests --format json", "stuck --older-than 1m", "state R-3"] {
            let dated = try await fixture.cairn("\(verb) --as-of \(day)")
            #expect(dated.status == 0 && dated.error == "" && dated.output != "")
            let found = try await fixture.cairn("\(verb) --as-of 11:02:30+01:00")
            #expect(found.output == dated.output)
            #expect(found.error == "cairn: --as-of 11:02:30+01:00 is \(day)\n")
        }
        let first = try await fixture.cairn("bisect --where status==FAILED --from 10:02")
        #expect(first.output.contains("position      8\n"), "\(first.output)")
        #expect(first.error == "cairn: --from 10:02 is 2025-12-25T10:02:00Z\n")
        let moments = try await fixture.cairn("diff R-3 10:02:30 end --format json")
        let dated = try await fixture.cairn("diff R-3 \(day) end --format json")
        #expect(moments.output == dated.output && dated.status == 0)
        #expect(moments.error == "cairn: the moment 10:02:30 is \(day)\n")
    }
}
