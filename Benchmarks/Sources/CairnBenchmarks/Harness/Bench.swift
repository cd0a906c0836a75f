import CBaselines
import Foundation

/// What the sides of all rows share: the workload, places to write, and the loaded stores.
final class Bench {
    /// Where stores grow, the block that is appended last.
    var workload: Workload
    let repeatCount: Int
    private let root: URL
    private var directoryCount = 0
    private var stores: [String: String] = [:]

    /// Makes a folder of its own inside `directory`, which ``removeFiles()`` removes.
    init(workload: Workload, repeatCount: Int, directory: String) throws {
        self.workload = workload
        self.repeatCount = repeatCount
        root = URL(fileURLWithPath: directory)
            .appendingPathComponent("cairn-benchmarks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    var rootPath: String { root.path }

    func removeFiles() {
        for number in 0..<directoryCount {
            PostgresBaseline.remove(root.appendingPathComponent("\(number + 1)").path)
        }
        try? FileManager.default.removeItem(at: root)
    }

    /// Calls `body` with an empty directory that is removed afterwards.
    func withDirectory<Result>(
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = try makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// The directory of the whole workload as `subject` stores it, loaded at the first call.
    func store(of subject: any BenchmarkSubject) async throws -> String {
        if let path = stores[subject.name] { return path }
        let path = try makeDirectory()
        try await append(subject.loadPlan(count: workload.count), of: subject, in: path)
        stores[subject.name] = path
        return path
    }

    /// Appends the whole workload to the store of `subject`, which is new or holds what comes
    /// before.
    @discardableResult
    func extendStore(
        of subject: any BenchmarkSubject,
        _ plan: AppendPlan
    ) async throws -> Outcome {
        let path = try stores[subject.name] ?? makeDirectory()
        stores[subject.name] = path
        return try await append(plan, of: subject, in: path)
    }

    /// Removes the store of `subject`, so that the disk has room for another one.
    func removeStore(of subject: any BenchmarkSubject) {
        guard let path = stores.removeValue(forKey: subject.name) else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    private func append(
        _ plan: AppendPlan,
        of subject: any BenchmarkSubject,
        in path: String
    ) async throws -> Outcome {
        let outcome = try await subject.append(plan, of: workload, in: path)
        guard outcome.hash == workload.contentsHash(count: workload.count) else {
            throw BenchmarkError.wrongStore(side: subject.name)
        }
        return outcome
    }

    /// The directory of a batch as `subject` stores it, filled at the first call.
    func store(of subject: any JobSubject, _ batch: Batch) async throws -> String {
        try await store(named: "jobs of \(subject.name)") { try await subject.fill(batch, in: $0) }
    }

    /// A directory that is filled at the first call.
    func store(
        named name: String,
        _ fill: (String) async throws -> Void
    ) async throws -> String {
        if let path = stores[name] { return path }
        let path = try makeDirectory()
        try await fill(path)
        stores[name] = path
        return path
    }

    private func makeDirectory() throws -> String {
        directoryCount += 1
        let url = root.appendingPathComponent("\(directoryCount)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        return url.path
    }
}

/// Why a benchmark could not be measured.
enum BenchmarkError: Error, CustomStringConvertible {
    /// A call of a C side failed; the code is LMDB's, SQLite's or an errno.
    case baseline(call: String, code: Int32)
    /// A store does not hold what was appended to it.
    case wrongStore(side: String)
    /// An append was quick although flushes were to be slow.
    case quickFlush(side: String)
    /// So few questions about the past began at a checkpoint.
    case noCheckpoints(Int, of: Int)
    case notSupported(side: String, operation: String)
    case storeIsEmpty
    /// The process that was to resume a batch ended without an outcome; it said why.
    case restart(side: String)
    /// The command that was to restart the server ended so; it said why.
    case serverRestart(code: Int32)
    case unknownRequest(UInt64)
    /// The system does not count what processes write.
    case noAccounting

    var description: String {
        switch self {
        case .baseline(let call, let code): "\(call) returned \(code)"
        case .wrongStore(let side): "the store of \(side) does not hold the workload"
        case .storeIsEmpty: "the store is empty"
        case .restart(let side): "the resume of \(side) in a process of its own failed"
        case .serverRestart(let code): "the command of CAIRN_POSTGRES_RESTART ended with \(code)"
        case .quickFlush(let side):
            "an append of \(side) was quicker than its flushes, which were to be slow"
        case .noCheckpoints(let count, let all):
            "\(count) of \(all) questions about the past began at a checkpoint"
        case .noAccounting: "/proc/self/io does not say what was written"
        case .unknownRequest(let number): "the workload has no request \(number)"
        case .notSupported(let side, let operation): "\(side) has no \(operation)"
        }
    }
}

extension Outcome {
    /// Takes over what a C side returned.
    init(_ result: cb_result, latenciesNanoseconds: [UInt64] = []) throws(BenchmarkError) {
        if let call = result.failed_call {
            throw .baseline(call: String(cString: call), code: result.code)
        }
        self.init(
            eventCount: Int(result.event_count),
            seconds: result.seconds,
            latenciesNanoseconds: latenciesNanoseconds,
            hash: result.hash
        )
    }
}
