internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// What the keys of a tenant's entries begin with: its name with the length before it; of a long
/// one the beginning and the digest.
struct TenantKey: Hashable, Sendable {
    private static let byteCountMax = 400

    let bytes: [UInt8]

    /// Makes the key of a name in UTF-8.
    init(_ name: RawSpan) {
        var writer = ByteWriter(capacity: name.byteCount + 2)
        writer.variable(UInt64(name.byteCount))
        writer.raw(name)
        let whole = writer.finish()
        guard whole.count > Self.byteCountMax else {
            bytes = whole
            return
        }
        let digest = ContentDigest(type: "tenant", content: whole.span.bytes)
        bytes = whole.prefix(Self.byteCountMax) + digest.bytes
    }

    init(stored bytes: [UInt8]) { self.bytes = bytes }
}

extension RequestProjection {
    private static let signBit: UInt64 = 1 << 63
    /// A time and a position, with which the key of each failure ends.
    static let failureByteCount = 16

    static func write(_ time: Timestamp, _ position: Position, to bytes: inout ByteWriter) {
        bytes.bigEndian(UInt64(bitPattern: time.nanoseconds) ^ signBit)
        bytes.bigEndian(position.rawValue)
    }

    /// Reads the end of a failure's key.
    static func failure(_ key: RawSpan) throws(TruncatedBytes) -> DueTry {
        let start = key.byteCount - failureByteCount
        guard start > 0 else { throw TruncatedBytes(offset: 0) }
        let time = key.bigEndian(at: start, as: UInt64.self) ^ signBit
        return DueTry(
            position: Position(rawValue: key.bigEndian(at: start + 8)),
            nextRetryAt: Timestamp(nanoseconds: Int64(bitPattern: time))
        )
    }

    /// What the keys of all failures begin with, or of those of a tenant.
    static func failurePrefix(_ tenant: String?) -> [UInt8] {
        guard let tenant else { return [Tag.failure] }
        let name = Array(tenant.utf8)
        return [Tag.failureOfTenant] + TenantKey(name.span.bytes).bytes
    }
}

extension StoredProjection {
    /// The failures that are due, in the order of their times: as many as are wanted, and all that
    /// are as early as the last of them.
    ///
    /// - Complexity: What is given, and what stands between it and was recorded behind the bound.
    func failures(_ query: FailureQuery) throws(JournalError) -> [DueTry] {
        var due: [DueTry] = []
        var isReadable = true
        let prefix = RequestProjection.failurePrefix(query.tenant)
        try forEach(inPrefix: prefix, from: nil, .forwards) { key, value in
            guard let failure = try? RequestProjection.failure(key), value.byteCount == 1,
                value.byte(at: 0) == RequestProjection.Tag.failure
            else {
                isReadable = false
                return .stop
            }
            guard failure.nextRetryAt <= query.now else { return .stop }
            if due.count >= query.limit, let last = due.last, last.nextRetryAt < failure.nextRetryAt
            {
                return .stop
            }
            if failure.position <= query.bound { due.append(failure) }
            return .proceed
        }
        guard isReadable else { throw Self.unreadable }
        return due
    }
}
