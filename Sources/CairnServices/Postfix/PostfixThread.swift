internal import CairnCore
internal import CairnDomains

/// One message, from the queue it came into first to its last hop.
///
/// A content filter takes a message out of the queue and gives it back under another name, so
/// several names may lead here; only what becomes of it behind the last one is an outcome.
final class PostfixThread {
    /// What is known about what the message is.
    enum Standing {
        /// It may turn out to be the next hop of another message.
        case open
        /// It is a message of its own.
        case settled
        /// It is a notice about another message, and no touch.
        case notice
    }

    /// A line about a delivery.
    enum Action {
        case delivery(PostfixDelivery, isHandover: Bool)
        case expired
    }

    let host: String
    let queueID: String
    /// The line that the message was seen in first.
    let firstMark: PostfixMark
    var standing = Standing.open
    /// The thread that this one turned out to be a part of.
    private var whole: PostfixThread?
    var held: [(action: Action, mark: PostfixMark)] = []
    /// The name's last line was seen.
    var isOver = false

    private var arrival: PostfixMark?
    private var activation: PostfixMark?
    var messageID: String?
    private var envelope: PostfixEnvelope?
    private var attempt: TouchUID?
    /// Whether rows name a parent that no row is, because the log does not have its beginning.
    private var isBeheaded = false
    /// Recipients that were met; whether each still waits for an outcome.
    private var recipients: [ExactText: Bool] = [:]
    private var recipientOrder: [String] = []

    init(host: String, queueID: String, at mark: PostfixMark) {
        self.host = host
        self.queueID = queueID
        firstMark = mark
    }

    /// The thread that this one is a part of, or itself.
    var resolved: PostfixThread {
        var thread = self
        while let next = thread.whole { thread = next }
        return thread
    }

    /// Makes this a part of another thread, which takes over what waits.
    func join(_ other: PostfixThread) {
        whole = other
        other.held += held
        held = []
        // Where the log begins in the middle, the next hop is the first that is known of it.
        guard other.activation == nil, other.arrival == nil else { return }
        other.arrival = arrival
        other.activation = activation
        other.envelope = envelope
        other.messageID = messageID
    }

    func name(_ messageID: String, at mark: PostfixMark) {
        self.messageID = self.messageID ?? messageID
        arrival = arrival ?? mark
    }

    func activate(_ envelope: PostfixEnvelope, at mark: PostfixMark) {
        self.envelope = self.envelope ?? envelope
        activation = activation ?? mark
    }
}

extension PostfixThread {
    /// The rows of a line about a delivery.
    func rows(_ action: Action, at mark: PostfixMark) -> [PostfixRow] {
        switch action {
        case .delivery(let delivery, let isHandover):
            return rows(delivery, isHandover: isHandover, at: mark)
        case .expired:
            let info = JSONWriter.object([("text", .text("status=expired, returned to sender"))])
            return recipientOrder.filter { recipients[ExactText($0)] ?? false }
                .compactMap { recipient in
                    recipients[ExactText(recipient)] = false
                    let failure = TouchFailure(
                        parent: parent.name,
                        destination: recipient,
                        info: info
                    )
                    return row("abandon/\(recipient)", recipient, .sendAbandon(failure), mark)
                }
        }
    }

    private func rows(
        _ delivery: PostfixDelivery,
        isHandover: Bool,
        at mark: PostfixMark
    ) -> [PostfixRow] {
        let recipient = Self.named(delivery.recipient)
        var rows: [PostfixRow] = []
        if let row = attemptRow(user: recipient, arrived: delivery.arrival(before: mark)) {
            rows.append(row)
        }
        isBeheaded = attempt == nil
        if recipients[ExactText(recipient)] == nil {
            recipientOrder.append(recipient)
            let reach = TouchReach(
                parent: parent.name,
                message: .other(JSONWriter.object([("message_id", PostfixValue(messageID))])),
                destinations: [recipient]
            )
            if let row = row("reachable", recipient, .sendReachable(reach), mark) {
                rows.append(row)
            }
        }
        guard !isHandover else {
            // The line of the last hop may stand before that of the first.
            recipients[ExactText(recipient)] = recipients[ExactText(recipient)] ?? true
            return rows
        }
        recipients[ExactText(recipient)] = !delivery.isEnd
        let failure = TouchFailure(
            parent: parent.name,
            destination: recipient,
            info: delivery.info(queueID: queueID)
        )
        let fact: TouchFact =
            switch delivery.status {
            case .sent: .sendSuccess(parent: parent.name, destination: recipient)
            case .deferred, .softBounced: .sendRetry(failure)
            case .bounced: .sendUnretryable(failure)
            }
        if let row = row("outcome", recipient, fact, mark) { rows.append(row) }
        return rows
    }

    /// The attempt's row, if the log has its beginning and no row was made of it yet.
    ///
    /// - Parameters:
    ///   - user: Who was to be contacted; nil for a message that is let go of and of which no
    ///     recipient was seen, so that the attempt is its sender's.
    ///   - arrived: When it came in, as a delivery has it; the log may begin later.
    /// - Returns: The row; nil where there is none to make.
    func attemptRow(user: String?, arrived: Timestamp? = nil) -> PostfixRow? {
        guard attempt == nil, !isBeheaded else { return nil }
        guard let mark = activation ?? (user == nil ? nil : arrival),
            let user = user ?? envelope?.sender
        else { return nil }
        let uid = mark.uid("attempt")
        attempt = uid
        let queuedAt = arrival?.instant ?? arrived ?? mark.instant
        let fact = TouchFact.sendAttempt(
            TouchAttempt(
                queuedAt: queuedAt.touchSeconds,
                channel: .email,
                event: "mail",
                parameters: JSONWriter.object([
                    ("host", .text(host)), ("queue_id", .text(queueID)),
                    ("message_id", PostfixValue(messageID)),
                    ("from", PostfixValue(envelope?.sender)),
                    ("size", PostfixValue(envelope?.byteCount)),
                    ("nrcpt", PostfixValue(envelope?.recipientCount)),
                ])
            )
        )
        return row("attempt", user, fact, mark)
    }

    /// The uid that the rows name as their parent; of a message whose beginning the log does not
    /// have, one that no row has.
    private var parent: TouchUID { attempt ?? firstMark.uid("unseen") }

    private func row(
        _ role: String,
        _ user: String,
        _ fact: TouchFact,
        _ mark: PostfixMark
    ) -> PostfixRow? {
        PostfixRow(role, user, fact, mark)
    }

    /// An address as a name: the empty one has none.
    static func named(_ address: String) -> String { address.isEmpty ? "<>" : address }
}

extension PostfixRow {
    /// Makes a row under the uid that its line has in a role.
    ///
    /// Nil for what can be no row; addresses and instants of lines always can.
    init?(_ role: String, _ user: String, _ fact: TouchFact, _ mark: PostfixMark) {
        do throws(TouchError) {
            touch = try Touch(
                uid: mark.uid(role),
                user: user,
                fact: fact,
                createdAt: mark.instant.touchSeconds
            )
            line = mark
        } catch {
            return nil
        }
    }
}

extension PostfixDelivery {
    /// When the message came in, as far as the line tells.
    fileprivate func arrival(before mark: PostfixMark) -> Timestamp? {
        guard let delay, let seconds = Double(delay), seconds >= 0, seconds < 1e9 else {
            return nil
        }
        return Timestamp(touchSeconds: mark.instant.touchSeconds - seconds)
    }

    /// Whether no further line is to be expected for the recipient.
    fileprivate var isEnd: Bool {
        switch status {
        case .sent, .bounced: true
        case .deferred, .softBounced: false
        }
    }

    fileprivate func info(queueID: String) -> [UInt8] {
        JSONWriter.object([
            ("identifier", PostfixValue(dsn)), ("text", .text(text)),
            ("delay", PostfixValue(decimal: delay)), ("relay", .text(relay)),
            ("queue_id", .text(queueID)), ("orig_to", PostfixValue(originalRecipient)),
        ])
    }
}
