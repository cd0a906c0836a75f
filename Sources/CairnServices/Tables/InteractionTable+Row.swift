internal import CairnCore
internal import CairnDomains

extension InteractionTable {
    /// An item as a row; nil for one that is no interaction or has no status yet.
    static func row(of state: ItemState, at position: Position) -> TableExportRow? {
        guard let told = ImportedInteraction(state) else { return nil }
        let imported = state.imported
        let origin = imported?.origin
        // A status that was learned since is not the row's any more.
        let isAsImported =
            imported?.status == told.status && imported?.doubtedAttempt == told.doubtedAttempt
        let statusText = isAsImported ? origin?.text(column: Column.status) : nil
        let channelText = origin?.text(column: Column.channel)
        return TableExportRow(
            position: position,
            id: origin?.id,
            own: told.doubtedAttempt.map { .integer($0) } ?? .null,
            cells: [
                .text(told.message.uuid),
                .name(told.message.customer),
                .optional(told.key?.name),
                .text(
                    channelText.map { String(decoding: $0, as: UTF8.self) }
                        ?? told.message.channel.word
                ),
                .text(statusText.map { String(decoding: $0, as: UTF8.self) } ?? told.status.word),
                .optional(told.message.body),
                .optional(told.acceptance.notifyReference),
                .optional(told.acceptance.providerReference),
                told.acceptance.metadata.map { .json($0) } ?? .null,
                .time(
                    state.beganAt ?? .unixEpoch,
                    kept: origin?.text(column: Column.createdAt)
                ),
            ]
        )
    }
}

extension ImportedInteraction {
    /// What an item amounts to as a row of the source's table; nil for one that has none.
    ///
    /// A row has no word for what may be on its way. It says SENT, as the source's would, and which
    /// attempt it is: the status of an earlier attempt would free its key wherever the row is
    /// imported, and so would no row at all (law 5).
    init?(_ state: ItemState) {
        guard let message = state.request?.message else { return nil }
        let doubtedAttempt = state.mayBeOnItsWay ? state.current?.number : nil
        guard let status = doubtedAttempt == nil ? state.status : .sent else { return nil }
        let acceptance =
            state.attempts.last { $0.acceptance != nil }?.acceptance ?? state.imported?.acceptance
        let names = state.attempts.last { !$0.facts.names.isEmpty }?.facts.names
        self.init(
            key: state.request?.key,
            message: InteractionMessage(
                uuid: message.uuid,
                customer: message.customer,
                channel: message.channel,
                body: acceptance?.body ?? message.body
            ),
            status: status,
            acceptance: ItemAcceptance(
                providerReference: acceptance?.providerReference ?? names?.first?.reference,
                notifyReference: acceptance?.notifyReference,
                metadata: Self.metadata(state, message, acceptance)
            ),
            doubtedAttempt: doubtedAttempt
        )
    }

    /// Whether the row is what an export says of an item in a state.
    func isTold(by state: ItemState, _ createdAt: Timestamp) -> Bool {
        guard state.beganAt == createdAt, let told = ImportedInteraction(state),
            told.status == status
        else { return false }
        return told.identity(at: createdAt).elementsEqual(identity(at: createdAt))
    }

    /// What a row came with, and beside it what a later attempt was answered; of an interaction of
    /// our own what was sent and answered.
    private static func metadata(
        _ state: ItemState,
        _ message: InteractionMessage,
        _ acceptance: ItemAcceptance?
    ) -> [UInt8]? {
        var parts = [("payload", message.payload), ("response", acceptance?.metadata)]
        if let imported = state.imported {
            let row = imported.acceptance.metadata
            guard let answer = acceptance?.metadata, answer != row else { return row }
            guard let row else { return answer }
            parts = [("meta_data", row), ("response", answer)]
        }
        guard message.template != nil || parts.contains(where: { $0.1 != nil }) else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        if state.imported == nil { writer.member("template", message.template) }
        for (name, json) in parts {
            writer.key(name)
            if let json { write(json, to: &writer) } else { writer.null() }
        }
        writer.endObject()
        return writer.bytes
    }

    /// A document byte for byte; as a text where it is not JSON, which would break what holds it.
    private static func write(_ json: [UInt8], to writer: inout JSONWriter) {
        if (try? JSONScanner.validate(json.span.bytes)) != nil {
            writer.verbatim(json)
        } else {
            writer.string(String(decoding: json, as: UTF8.self))
        }
    }
}
