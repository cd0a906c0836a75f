import CBaselines
import Cairn
import Foundation

/// A temporary folder, removed with its last reference.
final class Folder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "cairn-hot-loops-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A journal on disk, and the requests that are appended to it.
final class CairnStore {
    let requests: Requests
    private(set) var journal: LMDBJournal
    private let folder: Folder

    init(_ requests: Requests) throws {
        self.requests = requests
        folder = try Folder()
        journal = try LMDBJournal(path: folder.path)
    }

    deinit { journal.close() }

    /// Appends all requests, and opens the journal again as a reader.
    func fill() async throws {
        try await journal.append((0..<requests.count).map(requests.append))
        try await journal.flushIndex()
        journal.close()
        journal = try LMDBJournal(path: folder.path, configuration: .readOnly)
    }

    /// Whether the journal has the events of a range where an append must have put them.
    func holds(_ range: Range<Int>) throws -> Bool {
        var equalCount = 0
        _ = try journal.page(
            from: Position(rawValue: UInt64(range.lowerBound) + 1),
            .forwards,
            upTo: nil,
            limit: PageLimit(eventCountMax: range.count)
        ) { header, frame in
            let index = Int(header.position.rawValue) - 1
            let payload = frame.extracting(header.payloadRange).array()
            if range.contains(index), payload[...] == requests.payload(at: index),
                header.sequence.rawValue == requests.header(at: index).sequence
            {
                equalCount += 1
            }
            return .proceed
        }
        return equalCount == range.count
    }
}

/// The baselines' store in C, and the requests that are appended to it.
final class CStore {
    let requests: Requests
    let store: OpaquePointer
    private let folder: Folder

    init(_ requests: Requests) throws {
        self.requests = requests
        folder = try Folder()
        var store: OpaquePointer?
        try Self.check(cb_loop_open(folder.path, &store))
        guard let store else { preconditionFailure("a store that was opened is none") }
        self.store = store
    }

    deinit { cb_loop_close(store) }

    func append(_ range: Range<Int>) throws {
        try requests.withCWorkload { workload in
            try Self.check(
                cb_loop_append(store, workload, UInt64(range.lowerBound), UInt64(range.count))
            )
        }
    }

    func holds(_ range: Range<Int>) throws -> Bool {
        var records = [UInt8](repeating: 0, count: range.count * Int(CB_RECORD_BYTE_COUNT))
        let first = UInt64(range.lowerBound) + 1
        try Self.check(cb_loop_read(store, first, UInt64(range.count), &records))
        return records[...] == requests.records(range)
    }

    static func check(_ code: Int32) throws {
        guard code == 0 else { throw StoreError(code: code) }
    }
}

/// What LMDB returned to the store in C.
struct StoreError: Error {
    let code: Int32
}
