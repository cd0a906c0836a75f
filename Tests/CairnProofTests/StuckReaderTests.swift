import CairnTestSupport
import Foundation
import Testing

/// A reader that hangs keeps pages from being used again only for as long as it is inside a page.
struct StuckReaderTests {
    private static let commitCount = min(2_000 * ProofScale.factor, 20_000)

    private let folder: ProofFolder
    private let scratch: ScratchFolder

    init() throws {
        folder = try ProofFolder()
        scratch = try ScratchFolder()
    }

    private func start(_ name: String, _ arguments: [String]) async throws -> ChildProcess {
        var command = ChildCommand(
            try Bundle.builtExecutable("CairnProofChild").path,
            arguments
        )
        command.output = .file(scratch.path(name))
        return try await command.start()
    }

    /// Appends so many events to a journal, each in a commit of its own.
    ///
    /// - Returns: How large the file is then, in bytes.
    private func write(_ journal: String, _ count: Int) async throws -> Int {
        let name = UUID().uuidString
        let writer = try await start(name, [folder.path, "write", "\(count)", journal])
        #expect(try await writer.end() == .exit(0))
        let words = try scratch.text(name).split(whereSeparator: \.isWhitespace)
        return try #require(words.last.flatMap { Int($0) })
    }

    /// The file's size after a number of commits while a reader is stuck.
    private func size(_ count: Int, reader mode: String) async throws -> Int {
        let journal = folder.path + "/" + mode
        _ = try await write(journal, 20)
        let reader = try await start("reader-" + mode, [folder.path, "read", mode, journal])
        while try scratch.data("reader-" + mode).isEmpty {
            try #require(reader.isRunning)
            try await Task.sleep(for: .milliseconds(1))
        }
        let size = try await write(journal, count)
        #expect(try await reader.kill() == .signal(SIGKILL))
        return size
    }

    @Test(.timeLimit(.minutes(20)))
    func `a reader stuck between two pages lets the file grow at most 1.5 times`() async throws {
        let alone = folder.path + "/alone"
        _ = try await write(alone, 20)
        let expected = try await write(alone, Self.commitCount)
        let found = try await size(Self.commitCount, reader: "between")
        #expect(Double(found) <= 1.5 * Double(expected))
        // The same reader inside a page is what makes a file grow: it can be seen here.
        let inside = try await size(Self.commitCount / 4, reader: "inside")
        #expect(Double(inside) > 1.5 * Double(expected))
        print("\(Self.commitCount) commits: \(expected) bytes, \(found) beside a stuck reader")
    }
}
