import CBaselines

/// The events every side of a benchmark receives, made once before any clock starts.
///
/// The same seed, start and count give the same bytes. The arrays are the memory the C sides read
/// too.
struct Workload: Sendable {
    static let recordByteCount = CB_RECORD_BYTE_COUNT
    static let eventsPerRequest = CB_EVENTS_PER_REQUEST
    /// An event takes 247 bytes here, and about 100 more in the names that Cairn's side makes.
    static let countMax = 20_000_000

    let seed: UInt64
    /// The events that come before this workload in a store that is filled block by block.
    let start: Int
    let count: Int
    /// ``recordByteCount`` bytes for each event: 64 of header, then texts.
    let records: [UInt8]
    private let orderedIDs: [UInt8]
    private let randomIDs: [UInt8]

    /// Makes a workload of `count` events behind the first `start`, multiples of
    /// ``eventsPerRequest``.
    init(seed: UInt64, start: Int = 0, count: Int) {
        var records = [UInt8](repeating: 0, count: count * Self.recordByteCount)
        var orderedIDs = [UInt8](repeating: 0, count: count * CB_ID_STRIDE)
        var randomIDs = [UInt8](repeating: 0, count: count * CB_ID_STRIDE)
        cb_workload_fill(
            seed,
            UInt64(start),
            UInt64(count),
            &records,
            &orderedIDs,
            &randomIDs
        )
        self.seed = seed
        self.start = start
        self.count = count
        self.records = records
        self.orderedIDs = orderedIDs
        self.randomIDs = randomIDs
    }

    /// The events of as many whole requests as hold `count` of them.
    static func wholeRequests(of count: Int) -> Int {
        (count + eventsPerRequest - 1) / eventsPerRequest * eventsPerRequest
    }

    func header(at index: Int) -> cb_header {
        withRecord(at: index) { $0.loadUnaligned(as: cb_header.self) }
    }

    func withRecord<Result>(
        at index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let start = index * Self.recordByteCount
        return try records.withUnsafeBytes {
            try body(UnsafeRawBufferPointer(rebasing: $0[start..<start + Self.recordByteCount]))
        }
    }

    /// The caller's name of an event: `PAGW-20251225-00001-ABC123/17`, or 21 random characters.
    func eventID(at index: Int, random: Bool = false) -> String {
        let ids = random ? randomIDs : orderedIDs
        let start = index * CB_ID_STRIDE
        let end = start + 1 + Int(ids[start])
        return String(decoding: ids[start + 1..<end], as: UTF8.self)
    }

    /// The text of a stream number, such as `PAGW-20251225-00001-ABC123`.
    static func requestID(of stream: UInt64) -> String {
        var text = [CChar](repeating: 0, count: CB_REQUEST_ID_LENGTH)
        cb_request_id(stream, &text)
        return String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func withCWorkload<Result>(_ body: (UnsafePointer<cb_workload>) -> Result) -> Result {
        records.withUnsafeBufferPointer { records in
            orderedIDs.withUnsafeBufferPointer { orderedIDs in
                randomIDs.withUnsafeBufferPointer { randomIDs in
                    var workload = cb_workload(
                        records: records.baseAddress,
                        ordered_ids: orderedIDs.baseAddress,
                        random_ids: randomIDs.baseAddress,
                        start: UInt64(start),
                        count: UInt64(count)
                    )
                    return body(&workload)
                }
            }
        }
    }
}
