import CBaselines

/// Hashes a store as it is read back, so that a side proves it holds what it was given.
///
/// Every byte of every record counts, and the order within each request; the order between
/// requests does not, because concurrent appenders cannot agree on it.
final class Verifier {
    private let verifier = cb_verifier_create()

    deinit { cb_verifier_destroy(verifier) }

    var count: Int { Int(cb_verifier_count(verifier)) }
    var hash: UInt64 { cb_verifier_hash(verifier) }

    /// Adds the next record of the store; it has ``Workload/recordByteCount`` bytes.
    func add(_ record: UnsafeRawBufferPointer) {
        precondition(record.count == Workload.recordByteCount, "a record has a fixed length")
        cb_verifier_add(verifier, record.baseAddress)
    }
}
