import CairnTestSupport
import Foundation
import Testing

/// How the tests start processes: what a child gets, how its end is told, and that it has one.
struct ChildProcessTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    @Test func `children that many tasks start at once each get what is theirs`() async throws {
        let scratch = scratch
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<4 {
                        let name = "\(task)-\(round)"
                        // The streams are all it has open; `ls` adds the folder that it lists.
                        var command = ChildCommand(
                            "/bin/sh",
                            ["-c", "cat; echo $NAME $1; ls /proc/self/fd; exit $2", "sh", name]
                                + [String(task)]
                        )
                        command.environment["NAME"] = "name-\(name)"
                        command.input = .file(try scratch.file("in-\(name)", "in \(name)\n"))
                        command.output = .file(scratch.path("out-\(name)"))
                        command.error = .nothing
                        #expect(try await command.run() == .exit(Int32(task)))
                        #expect(
                            try scratch.text("out-\(name)")
                                == "in \(name)\nname-\(name) \(name)\n0\n1\n2\n3\n"
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `the end of a child is told as it was`() async throws {
        let sleeper = ChildCommand("/bin/sleep", ["600"])
        let killed = try await sleeper.start()
        #expect(killed.isRunning)
        #expect(try await killed.kill() == .signal(SIGKILL))
        #expect(!killed.isRunning)
        #expect(try await killed.terminate() == .signal(SIGKILL), "it has ended before")
        let asked = try await sleeper.start()
        #expect(try await asked.terminate() == .signal(SIGTERM))
        let stopped = try await sleeper.start()
        stopped.send(SIGSTOP)
        #expect(try await stopped.kill() == .signal(SIGKILL))
        await #expect(throws: ChildCommand.NotExecutable.self) {
            try await ChildCommand(scratch.path("none")).start()
        }
        #expect(try await ChildCommand("/bin/sh", ["-c", "kill -9 $$"]).run().status == 137)
    }

    @Test func `who lets go of a child or is cancelled kills it`() async throws {
        let (reader, command) = try holder()
        _ = try await command.start()
        #expect(reader.isAtEnd())
        let (other, sleeper) = try holder()
        let waiting = Task { try await sleeper.run() }
        waiting.cancel()
        _ = await waiting.result
        #expect(other.isAtEnd())
    }

    @Test(.enabled(if: ChildCommand.isLeashed, "needs setpriv, to ask the kernel for it"))
    func `a child ends with the process that started it`() async throws {
        let (reader, command) = try holder()
        guard case .file(let fifo) = command.output else { return }
        await #expect(processExitsWith: .signal(SIGKILL)) { [fifo = fifo as String] in
            var command = ChildCommand("/bin/sh", ["-c", "echo started; kill -STOP $$"])
            command.output = .file(fifo)
            let process = try await command.start()
            // It is stopped, and so could do nothing about it itself.
            let path = "/proc/\(process.processID)/stat"
            while try !String(contentsOfFile: path, encoding: .utf8).contains(") T ") {
                try await Task.sleep(for: .milliseconds(1))
            }
            kill(getpid(), SIGKILL)
        }
        #expect(reader.isAtEnd())
    }

    /// A child that sleeps and holds one end of a pipe, and the other end.
    private func holder() throws -> (reader: FIFOReader, command: ChildCommand) {
        let path = scratch.path(UUID().uuidString)
        try #require(mkfifo(path, 0o600) == 0)
        var command = ChildCommand("/bin/sleep", ["600"])
        command.output = .file(path)
        return (FIFOReader(path), command)
    }
}

/// The reading end of a pipe, which is at its end once nobody has the other one open any more.
private final class FIFOReader {
    private let descriptor: Int32

    init(_ path: String) {
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Waits for the end, for a minute at most.
    func isAtEnd() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        repeat {
            // Asked first: nothing is told of an end that nobody ever had open.
            if read(descriptor, &bytes, bytes.count) == 0 { return true }
        } while poll(&events, 1, 60_000) == 1
        return false
    }
}
