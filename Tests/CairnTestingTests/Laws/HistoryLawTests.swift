import CairnCore
import CairnTesting
import Foundation
import Testing

/// A history that stands here as it was stored.
private let golden = """
    {"history":"the first","state":"6fc3392e55c7f9efc5cb2b5564370d06daaef154b26ed52d048c3867e85c5bf4"}
    {"type":"opened","version":1,"occurred":5,"ignorable":false,"codec":0,"id":null,"payload":""}
    {"type":"put","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":"rAI"}
    {"type":"put","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":"BA"}
    {"type":"put","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":"BA"}
    {"type":"taken","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":"CQ"}
    {"type":"reported","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":"Aw"}
    {"type":"closed","version":1,"occurred":0,"ignorable":false,"codec":0,"id":null,"payload":""}
    """

/// The laws that speak of other processes and other versions.
struct HistoryLawTests {
    /// What 200 drawn histories of the locker come to, in any process.
    private static let digest = "9bab2c8ca6d51cef2405a8499a8319166a1bd3b154b9671dd407956cba4fe1f6"

    @Test func `the digest of drawn histories is the same in every process`() throws {
        try Laws.replayIsTheSameElsewhere(
            Locker(),
            commands: Locker.commands,
            encoding: Locker.encoding,
            digest: Self.digest
        )
    }

    @Test func `a child in another time zone folds to the same bytes`() async throws {
        let digest = try Laws.replayDigest(
            Locker(),
            commands: Locker.commands,
            encoding: Locker.encoding
        )
        await #expect(processExitsWith: .success) { [digest = digest as String] in
            setenv("TZ", "Pacific/Kiritimati", 1)
            setenv("LANG", "tr_TR.UTF-8", 1)
            tzset()
            try Laws.replayIsTheSameElsewhere(
                Locker(),
                commands: Locker.commands,
                encoding: Locker.encoding,
                digest: digest
            )
        }
    }

    @Test func `an encoding in hash order is other bytes elsewhere, which is law 2_5`() {
        let finding = finding("2.5") { () throws(PropertyError) in
            try Laws.replayIsTheSameElsewhere(
                Locker(),
                commands: Locker.commands,
                encoding: Locker.encodingInHashOrder,
                digest: Self.digest
            )
        }
        #expect(finding?.failure.reason.hasSuffix("and \(Self.digest) elsewhere") == true)
    }

    private static let events: [Locker.Event] = [
        .opened(at: Timestamp(nanoseconds: 5)), .put(300), .put(4), .put(4), .taken(9),
        .reported(3), .closed,
    ]

    @Test func `a history that was stored reads as it was`() throws {
        let history = try GoldenHistory(text: golden)
        try Laws.historiesStayReadable(
            Locker(),
            histories: [history],
            encoding: Locker.encoding
        )
        let written = try GoldenHistory(
            "the first",
            of: Locker(),
            events: Self.events,
            encoding: Locker.encoding
        )
        #expect(written.text == golden + "\n")
        #expect(try GoldenHistory(text: written.text).text == written.text)
    }

    @Test func `a machine that counts otherwise than it did is law 11_2`() throws {
        let history = try GoldenHistory(text: golden)
        let finding = finding("11.2") { () throws(PropertyError) in
            try Laws.historiesStayReadable(
                Locker(.countsAnew),
                histories: [history],
                encoding: Locker.encoding
            )
        }
        let start = "the history 'the first' ends with State("
        #expect(finding?.failure.reason.hasPrefix(start) == true)
    }

    @Test func `an event that is not read any more is law 11_2`() throws {
        let renamed = golden.replacing("\"type\":\"taken\"", with: "\"type\":\"removed\"")
        let history = try GoldenHistory(text: renamed)
        let finding = finding("11.2") { () throws(PropertyError) in
            try Laws.historiesStayReadable(
                Locker(),
                histories: [history],
                encoding: Locker.encoding
            )
        }
        let reason =
            "event 5 of the history 'the first': this program does not know the event"
            + " type 'removed'"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `no history at all is not taken for a good one`() {
        #expect(throws: PropertyError.self) {
            try Laws.historiesStayReadable(Locker(), histories: [], encoding: Locker.encoding)
        }
    }

    @Test(arguments: ["", "{}", "{\"history\":\"a\",\"state\":\"b\"}\n{\"type\":\"a\"}"])
    func `a history that is cut or strange names its line`(text: String) {
        let line = text.contains("type") ? 2 : 1
        let error = #expect(throws: GoldenHistoryError.self) { try GoldenHistory(text: text) }
        #expect(error?.line == line)
    }
}
