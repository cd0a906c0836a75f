internal import CairnCore
internal import CairnDomains

extension EventTrackerRow {
    /// The texts of the cells that an export would write otherwise; nil where there are none.
    ///
    /// An empty one stands for NULL where the event has the column's default. A row as `COPY` of
    /// PostgreSQL writes it in UTC keeps nothing; of JSON lines the spelling of a truth is not
    /// kept, and zeros in front of a number are not in either form.
    func origin(of event: PipelineEvent) -> RowOrigin? {
        var origin = RowOrigin()
        keep(.status, in: &origin) { $0.elementsEqual(event.status.word.utf8) }
        keep(.attempt, in: &origin) { _ in true }
        let truth = UInt8(ascii: event.isRetryable ? "t" : "f")
        keep(.retryable, in: &origin) { !isCSV || ($0.count == 1 && $0.first == truth) }
        for column in [EventTrackerColumn.nextRetryAt, .startedAt, .completedAt, .createdAt] {
            guard let cell = cell(column), !Timestamp.isUsual(cell, isCSV: isCSV) else { continue }
            origin.keep(cell, column: column.rawValue)
        }
        // The event has none, because rows in JSON cannot tell it from NULL.
        if let metadata = event.metadata, metadata.trimmingJSONSpace.elementsEqual("null".utf8) {
            origin.keep(metadata, column: EventTrackerColumn.metadata.rawValue)
        }
        return origin.ifNeeded
    }

    private func cell(_ column: EventTrackerColumn) -> ArraySlice<UInt8>? {
        self[column].map { bytes[$0] }
    }

    /// Keeps the text of a column that has a default, or that it was NULL.
    private func keep(
        _ column: EventTrackerColumn,
        in origin: inout RowOrigin,
        unless isUsual: (ArraySlice<UInt8>) -> Bool
    ) {
        if let cell = cell(column) {
            if !isUsual(cell) { origin.keep(cell, column: column.rawValue) }
        } else if isNull(column) {
            origin.keep([], column: column.rawValue)
        }
    }
}

extension Timestamp {
    /// Whether a text that was read as an instant is laid out as an export writes it: then it is
    /// the text that ``csvCell`` or ``jsonCell`` gives for the instant.
    ///
    /// Looks at the text alone, because most rows are laid out like that, and to write the instant
    /// anew costs more than to have read it.
    static func isUsual(_ text: ArraySlice<UInt8>, isCSV: Bool) -> Bool {
        let start = text.startIndex
        let zone = isCSV ? "+00".utf8 : "Z".utf8
        let end = text.endIndex - zone.count
        guard end - start >= 19, text[end...].elementsEqual(zone),
            text[start + 10] == UInt8(ascii: isCSV ? " " : "T"),
            // The 60th second is the last instant of the minute.
            text[start + 17] != UInt8(ascii: "6")
        else { return false }
        guard end - start > 19 else { return isCSV }
        let digits = text[(start + 20)..<end]
        guard text[start + 19] == UInt8(ascii: ".") else { return false }
        if isCSV { return digits.count <= 9 && digits.last != UInt8(ascii: "0") }
        return digits.count == 6
            || (digits.count == 9 && !digits.suffix(3).elementsEqual("000".utf8))
    }
}

extension PipelineEvent {
    /// The text that a cell of the event's row had, where an export would write it otherwise; an
    /// empty one stands for NULL.
    func sourceText(_ column: EventTrackerColumn) -> [UInt8]? {
        origin?.text(column: column.rawValue)
    }
}
