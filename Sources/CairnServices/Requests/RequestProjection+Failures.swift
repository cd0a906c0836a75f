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

    /// Reads the tenant out of a failure's key.
    static func tenant(_ key: RawSpan) throws(TruncatedBytes) -> TenantKey {
        let end = key.byteCount - failureByteCount
        guard end > 0 else { throw TruncatedBytes(offset: 0) }
        return TenantKey(stored: key.extracting(1..<end).array())
    }

    /// What the keys of a tenant's failures begin with.
    static func failurePrefix(_ tenant: TenantKey) -> [UInt8] { [Tag.failure] + tenant.bytes }
}

extension StoredProjection {
    /// The failures that are due, in the order of their times: as many as are wanted, and all that
    /// are as early as the last of them.
    ///
    /// - Complexity: What is given, and what stands between it and was recorded behind the bound;
    ///   of all tenants a look-up for each as well.
    func failures(_ query: FailureQuery) throws(JournalError) -> [DueTry] {
        if let tenant = query.tenant {
            let name = Array(tenant.utf8)
            return try failures(query, of: TenantKey(name.span.bytes), until: query.now)
        }
        var due: [DueTry] = []
        var last = query.now
        var sortCount = query.limit
        var start: [UInt8]?
        while let tenant = try firstTenant(from: start) {
            let own = try failures(query, of: tenant, until: last)
            due += own
            // Sorted each time they are twice as many, so that many tenants cost no more than one.
            if due.count >= sortCount {
                // Of the tenants that follow nothing later is wanted.
                last = Self.cut(&due, to: query.limit) ?? last
                sortCount = max(2 * due.count, query.limit)
            }
            // Behind all of its times and positions.
            start =
                RequestProjection.failurePrefix(tenant)
                + [UInt8](repeating: 0xFF, count: RequestProjection.failureByteCount)
        }
        _ = Self.cut(&due, to: query.limit)
        return due
    }

    /// Sorts failures by their times, and leaves out what is later than the last one wanted.
    ///
    /// - Returns: The time of that one; nil where there are fewer.
    private static func cut(_ due: inout [DueTry], to limit: Int) -> Timestamp? {
        due.sort { $0.nextRetryAt < $1.nextRetryAt }
        guard due.count >= limit else { return nil }
        let last = due[limit - 1].nextRetryAt
        due.removeLast(due.reversed().prefix { $0.nextRetryAt > last }.count)
        return last
    }

    /// The tenant of the first failure that is not before a key.
    private func firstTenant(from start: [UInt8]?) throws(JournalError) -> TenantKey? {
        var found: TenantKey?
        var isReadable = true
        try forEach(inPrefix: [RequestProjection.Tag.failure], from: start, .forwards) { key, _ in
            found = try? RequestProjection.tenant(key)
            isReadable = found != nil
            return .stop
        }
        guard isReadable else { throw Self.unreadable }
        return found
    }

    private func failures(
        _ query: FailureQuery,
        of tenant: TenantKey,
        until latest: Timestamp
    ) throws(JournalError) -> [DueTry] {
        var due: [DueTry] = []
        var isReadable = true
        let prefix = RequestProjection.failurePrefix(tenant)
        try forEach(inPrefix: prefix, from: nil, .forwards) { key, value in
            guard let failure = try? RequestProjection.failure(key), value.byteCount == 1,
                value.byte(at: 0) == RequestProjection.Tag.failure
            else {
                isReadable = false
                return .stop
            }
            guard failure.nextRetryAt <= latest else { return .stop }
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
