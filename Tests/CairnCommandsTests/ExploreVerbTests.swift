import CairnTestSupport
import Foundation
import Testing

/// `cairn explore` on a terminal; what the screen shows for which keys is told where its model is.
struct ExploreVerbTests {
    private static let entering = "\u{1B}[?1049h"
    private static let leaving = "\u{1B}[?1049l"

    /// A terminal, and the verb that shows its screen there.
    private static func show(
        _ fixture: Fixture,
        term: String = "xterm",
        keepsErrors: Bool = false
    ) async throws -> (PseudoTerminal, ChildProcess) {
        try await show(["R-3"], in: fixture.folder, term: term, keepsErrors: keepsErrors)
    }

    private static func show(
        _ arguments: [String],
        in folder: ScratchFolder,
        term: String = "xterm",
        keepsErrors: Bool = false
    ) async throws -> (PseudoTerminal, ChildProcess) {
        let terminal = try PseudoTerminal(columns: 90, rows: 20)
        var command = try CairnProcess.command(
            ["explore"] + arguments + ["--journal", "j"],
            in: folder.url
        )
        command.environment["TERM"] = term
        command.input = .descriptor(terminal.slave)
        command.output = .descriptor(terminal.slave)
        if keepsErrors { command.error = .file(folder.path("errors")) }
        return (terminal, try await command.start())
    }

    @Test func `keys step through the events, and the terminal is left as it was`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let (terminal, child) = try await Self.show(fixture)
        let modes = terminal.initialModes
        try await terminal.read(until: Self.entering)
        try await terminal.read(until: "event 3 of 3")
        let screen = try await terminal.read(until: "q quit")
        #expect(screen.contains(">  3 PARSE_FAIL FAILED"))
        #expect(terminal.localModes != modes)
        try terminal.type("\u{1B}[A")
        try await terminal.read(until: "event 2 of 3")
        try terminal.type("/status == completed\r")
        try await terminal.read(until: "no event below has")
        try terminal.resize(columns: 60, rows: 12)
        child.send(SIGWINCH)
        try await terminal.read(until: String(repeating: "-", count: 60))
        try terminal.type("q")
        try await terminal.read(until: Self.leaving)
        #expect(try await child.end() == .exit(0))
        #expect(terminal.localModes == modes)
        #expect(try fixture.bytes() == before)
    }

    @Test func `what was removed of the request is said`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("forget --request R-3 --yes").status == 0)
        let rows =
            "tenant,pagw_id,stage,event_type,sequence_no,created_at\n"
            + "anthem,R-3,PARSING,PARSE_OK,9,2025-12-25 10:09:00+00\n"
        try fixture.folder.file("more.csv", rows)
        #expect(try await fixture.cairn("import more.csv").status == 0)
        let (terminal, child) = try await Self.show(fixture, keepsErrors: true)
        try await terminal.read(until: "event 1 of 1")
        try await terminal.read(until: "q quit")
        try terminal.type("q")
        #expect(try await child.end() == .exit(0))
        let errors = try fixture.folder.text("errors")
        #expect(errors == "cairn: explore: removed of request R-3: 3 events\n")
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal that ends it leaves the terminal as it was`(number: Int32) async throws {
        let fixture = try await Fixture()
        let (terminal, child) = try await Self.show(fixture)
        let modes = terminal.initialModes
        try await terminal.read(until: "q quit")
        child.send(number)
        try await terminal.read(until: Self.leaving)
        #expect(try await child.end() == .signal(number))
        #expect(terminal.localModes == modes)
    }

    @Test func `one that was stopped shows its screen again`() async throws {
        let fixture = try await Fixture()
        let (terminal, child) = try await Self.show(fixture)
        let modes = terminal.initialModes
        try await terminal.read(until: "q quit")
        child.send(SIGTSTP)
        try await terminal.read(until: Self.leaving)
        // Where nobody could continue it, the kernel does not stop it.
        try await terminal.read { Self.isStopped(child) || terminal.output.contains(Self.entering) }
        if Self.isStopped(child) { #expect(terminal.localModes == modes) }
        child.send(SIGCONT)
        try await terminal.read(until: Self.entering)
        try await terminal.read(until: "event 3 of 3")
        try terminal.type("q")
        #expect(try await child.end() == .exit(0))
        #expect(terminal.localModes == modes)
    }

    private static func isStopped(_ child: ChildProcess) -> Bool {
        let path = "/proc/\(child.processID)/stat"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.contains(") T ")
    }

    @Test(arguments: [
        (["--of", "items", "k-1"], "event 3 of 3", "callback.received"),
        (["--uuid", "u-1"], "event 3 of 3", "callback.received"),
        (["--of", "jobs", "newsletter"], "event 2 of 2", "job.paused"),
    ])
    func `items and jobs are stepped through`(
        arguments: [String],
        place: String,
        line: String
    ) async throws {
        let fixture = try await ItemFixture()
        let before = try fixture.bytes()
        let (terminal, child) = try await Self.show(arguments, in: fixture.folder)
        try await terminal.read(until: place)
        let screen = try await terminal.read(until: "q quit")
        #expect(screen.contains(line))
        try terminal.type("k")
        try await terminal.read(until: "event \(place.hasSuffix("3") ? 2 : 1) of")
        try terminal.type("q")
        #expect(try await child.end() == .exit(0))
        #expect(try fixture.bytes() == before)
    }

    @Test func `without a terminal it says what needs none`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("explore R-3")
        #expect(run.status == 64 && run.output == "")
        #expect(run.error.contains("it needs a terminal"))
        #expect(run.error.contains("'cairn timeline' needs none"))
        let (terminal, child) = try await Self.show(fixture, term: "dumb")
        #expect(try await child.end() == .exit(64))
        #expect(terminal.output == "")
        let json = try await fixture.cairn("explore R-3 --format json")
        #expect(json.status == 64 && json.error.contains("'cairn timeline' has it"))
    }
}
