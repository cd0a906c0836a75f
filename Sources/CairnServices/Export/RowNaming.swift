public import CairnCore
internal import CairnDomains

/// Tells which rows of an export must carry their event's id, so that an import gives it back.
///
/// An import names an event by the row's request and number, or by the row's ordinal among those
/// of its request that have none. That gives most events the id that they have. It does not where
/// the caller chose the id, where rows were imported in another order than the file's, and where
/// an event has no id: that one gets a name made from its position, `<pagw_id>/@<position>`, so
/// that importing it twice adds it once.
///
/// - Complexity: Constant time for a row; at most 48 bytes of memory for each request that has
///   rows without a number.
public struct RowNaming: Sendable {
    private var ordinals = OrdinalCounter()

    public init() {}

    /// The id that must stand beside the next row of the export; nil where the row tells it.
    ///
    /// - Throws: ``ExportError/limit(position:_:)`` where a name from the position is too long.
    public mutating func id(of row: ExportRow) throws(ExportError) -> EventID? {
        guard let id = row.eventID else {
            do { return try EventID("\(row.request)/@\(row.position)") } catch {
                throw .limit(position: row.position, error)
            }
        }
        let key: ImportKey =
            if let number = row.event.sequenceNumber {
                .sequenceNumber(number)
            } else {
                .ordinal(ordinals.upcoming(of: row.request))
            }
        guard let told = try? key.eventID(request: row.request), told == id else { return id }
        if row.event.sequenceNumber == nil { ordinals.next(of: row.request) }
        return nil
    }
}
