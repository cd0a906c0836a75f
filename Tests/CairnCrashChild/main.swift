import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

// Appends without end, until it is killed: the crash tests start it and read what it says.
//
//     CairnCrashChild JOURNAL FIRST-WRITER WRITER-COUNT [MILLISECONDS [acknowledged]]
//     CairnCrashChild JOURNAL read
//     CairnCrashChild JOURNAL live NUMBER
//
// With "read" it says "R" inside a view and stays there; with "live" it says "L" once it holds
// the sign of life of the number, and holds it.
//
// After the milliseconds, which count from its start or from its first acknowledged append, it
// kills itself, from a thread that knows nothing of what the others do.
//
// Each writer is a task with a stream of its own. Before an append it says "S writer number count"
// and, once it is acknowledged, "A writer number position": what the journal must hold of it.
// An append's events carry its number and their place in it.

let arguments = CommandLine.arguments
if arguments.count == 3, arguments[2] == "read" {
    let journal = try LMDBJournal(path: arguments[1], configuration: .readOnly)
    _ = try journal.page(from: .first, .forwards, upTo: nil, limit: .standard) { _, _ in
        say("R")
        sleep(600)
        return .stop
    }
    exit(0)
}
if arguments.count == 4, arguments[2] == "live", let number = UInt64(arguments[3]) {
    let journal = try LMDBJournal(path: arguments[1])
    let lock = try journal.lockLife(number)
    say("L")
    sleep(600)
    lock.release()
    exit(0)
}
guard (4...6).contains(arguments.count), let first = Int(arguments[2]),
    let count = Int(arguments[3])
else {
    exit(64)
}
let firstAcknowledgement = DispatchSemaphore(value: 0)
if arguments.count >= 5 {
    guard let milliseconds = UInt32(arguments[4]) else { exit(64) }
    Thread.detachNewThread {
        if arguments.count == 6 { firstAcknowledgement.wait() }
        usleep(milliseconds * 1_000)
        // No handler runs, no buffer is flushed.
        kill(getpid(), SIGKILL)
    }
}

/// One line, in one write, so that lines of several tasks do not mix.
@Sendable func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
}

var configuration = LMDBJournal.Configuration()
configuration.indexSegmentEventCountMax = 64
let journal = try LMDBJournal(path: arguments[1], configuration: configuration)

await withTaskGroup(of: Void.self) { group in
    for writer in first..<first + count {
        group.addTask {
            do {
                try await appendForEver(writer)
            } catch {
                say("E \(writer) \(error)")
            }
        }
    }
}

@Sendable func appendForEver(_ writer: Int) async throws {
    let stream = try StreamID("crash/\(writer)")
    var number = 0
    try await journal.forEachEvent(of: stream, .backwards) { header, frame in
        number = Int(frame.littleEndian(at: header.payloadRange.lowerBound, as: UInt32.self))
        return .stop
    }
    while true {
        number += 1
        let eventCount = 1 + (number * 7 + writer) % 5
        // From a few bytes to more than a page, so that packs of all kinds are written.
        let padding = [UInt8](repeating: UInt8(writer), count: (number * 37) % 6_000)
        var events: [NewEvent] = []
        for place in 0..<eventCount {
            var payload = ByteWriter()
            payload.littleEndian(UInt32(number))
            payload.littleEndian(UInt16(place))
            payload.littleEndian(UInt16(eventCount))
            payload.raw(padding)
            events.append(
                try NewEvent(
                    type: "crash",
                    id: EventID("\(writer)/\(number)/\(place)"),
                    occurredAt: .now(),
                    payload: payload.finish()
                )
            )
        }
        say("S \(writer) \(number) \(eventCount)")
        let receipts = try await journal.append([StreamAppend(events, to: stream)])
        say("A \(writer) \(number) \(receipts[0][0].position)")
        firstAcknowledgement.signal()
    }
}
