import Cairn
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// The journal of an import is there once there is an event.
struct ImportJournalTests {
    private static func event() throws -> NewEvent {
        try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [1])
    }

    @Test func `turns that append nothing leave no journal, and the first event makes it`()
        async throws
    {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        let journal = try ImportJournal(path: path)
        defer { journal.close() }
        let stream = try StreamID("a/1")
        let event = try Self.event()
        // A row that is refused is a value of the turn, so that the others go on.
        let refusal = try await journal.turn { scope throws(JournalError) -> JournalError? in
            let expected = ExpectedSequence.exactly(SequenceNumber(rawValue: 7))
            do throws(JournalError) {
                try scope.append([event], to: stream, expecting: expected)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal != nil)
        await #expect(throws: JournalError.self) {
            try await journal.append(
                event,
                to: stream,
                expecting: .exactly(SequenceNumber(rawValue: 7))
            )
        }
        #expect(journal.existing == nil)
        #expect(try folder.names().isEmpty)
        #expect(try await journal.head().lastPosition == .zero)
        let receipt = try await journal.append(event, to: stream)
        #expect(receipt.position == .first && !receipt.isDuplicate)
        #expect(try await journal.append(event, to: stream).position == Position(rawValue: 2))
        #expect(try journal.existing?.head().lastPosition == Position(rawValue: 2))
        #expect(try folder.names() == ["j"])
    }

    @Test func `a file system that no journal can be on is told before anything is read`()
        async throws
    {
        let folder = try ScratchFolder()
        for name in ["low", "high", "work", "disk"] {
            try FileManager.default.createDirectory(
                atPath: folder.path(name),
                withIntermediateDirectories: false
            )
        }
        var mount = ChildCommand(
            "/usr/bin/env",
            [
                "mount", "-t", "overlay", "cairn-test", "-o",
                "lowerdir=\(folder.path("low")),upperdir=\(folder.path("high")),"
                    + "workdir=\(folder.path("work"))", folder.path("disk"),
            ]
        )
        mount.error = .nothing
        guard try await mount.run() == .exit(0) else {
            print("skipped: no overlay file system can be mounted here")
            return
        }
        var found: CommandFailure?
        do throws(CommandFailure) {
            _ = try ImportJournal(path: folder.path("disk/j"))
        } catch {
            found = error
        }
        #expect(found?.status == .inputOutput)
        #expect(found?.message?.contains("overlay") == true, "\(found?.message ?? "")")
        _ = try await ChildCommand("/usr/bin/env", ["umount", folder.path("disk")]).run()
    }
}
