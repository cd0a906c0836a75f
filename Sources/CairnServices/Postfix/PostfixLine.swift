internal import CairnCore

/// What a line of Postfix says, as far as it is about a message on its way.
enum PostfixLine {
    /// A message came in: a name of a queue's file is used from here on.
    case arrived
    /// `cleanup`: the message has a name of its own.
    case named(messageID: String)
    /// `qmgr`: the message is to be delivered, for the first time or once more.
    case active(PostfixEnvelope)
    /// `qmgr`: it is given up; retries would still have been possible.
    case expired
    /// `qmgr`: the name of the queue's file is free again.
    case removed
    /// `bounce`: a notice about it is on its way under another name.
    case noticed(queueID: String)
    case delivery(PostfixDelivery)
    case rejected(PostfixRejection)
}

/// Whom a message is from, and how large it is.
struct PostfixEnvelope: Hashable, Sendable {
    let sender: String
    let byteCount: Int64?
    let recipientCount: Int64?
}

/// One recipient's share of a delivery.
struct PostfixDelivery: Hashable, Sendable {
    enum Status: String, Hashable, Sendable {
        case sent, deferred, bounced
        /// Postfix was told to try again what it would give up.
        case softBounced = "SOFTBOUNCE"
    }

    let recipient: String
    let originalRecipient: String?
    let relay: String
    /// Seconds since the message came in, as they were written.
    let delay: String?
    let dsn: String?
    let status: Status
    let text: String
    /// The name that the next hop gave the message.
    let queuedAs: String?
    /// Whether the next hop is this very host: then its name for the message is in this log.
    let isRelayLocal: Bool
}

/// A recipient that was refused before there was a message to deliver.
struct PostfixRejection: Hashable, Sendable {
    let recipient: String
    let sender: String?
    /// Where in the dialogue, as in `RCPT`.
    let stage: String
    let reason: String
}

/// A line that says something about a message, but not as Postfix does.
struct PostfixFault: Error {
    let message: String
}

extension PostfixLine {
    /// Reads what follows the name of a queue's file in a line of a daemon.
    ///
    /// - Returns: Nil for what says nothing about a message's way.
    /// - Throws: ``PostfixFault``.
    init?(_ text: ByteText, daemon: ByteText) throws(PostfixFault) {
        if text.hasPrefix("to=<") {
            guard let delivery = try PostfixDelivery(text) else { return nil }
            self = .delivery(delivery)
        } else if let rest = text.after(prefix: "reject: ") ?? text.after(prefix: "milter-reject: ")
        {
            guard let rejection = PostfixRejection(rest) else { return nil }
            self = .rejected(rejection)
        } else if let id = text.after(prefix: "message-id=") {
            self = .named(messageID: id.text)
        } else if let rest = text.after(prefix: "from=<"), daemon.hasSuffix("qmgr") {
            guard let (sender, values) = rest.split(at: ">, ") else {
                throw PostfixFault(message: "the sender has no end")
            }
            if values.hasPrefix("status=expired") || values.hasPrefix("status=force-expired") {
                self = .expired
            } else if values.hasPrefix("size=") {
                self = .active(PostfixEnvelope(sender, values))
            } else {
                return nil
            }
        } else if text.hasPrefix("removed") {
            self = .removed
        } else if text.hasPrefix("client=") || text.hasPrefix("uid=") {
            self = .arrived
        } else if let (_, id) = text.split(at: " notification: "), let (id, _) = id.queueID {
            self = .noticed(queueID: id.text)
        } else {
            return nil
        }
    }

    /// Whether texts of the line become part of rows, so that all of it must be UTF-8.
    var hasTexts: Bool {
        switch self {
        case .named, .active, .delivery, .rejected: true
        case .arrived, .expired, .removed, .noticed: false
        }
    }
}

extension ByteText {
    fileprivate func hasSuffix(_ word: StaticString) -> Bool {
        splitLast(at: word)?.after.isEmpty ?? false
    }
}

extension PostfixEnvelope {
    fileprivate init(_ sender: ByteText, _ values: ByteText) {
        self.sender = sender.text
        func number(_ rest: ByteText?) -> Int64? {
            guard let rest else { return nil }
            return Int64(rest.text.prefix { $0.isASCII && $0.isNumber })
        }
        byteCount = number(values.after(prefix: "size="))
        recipientCount = number(values.split(at: "nrcpt=")?.after)
    }
}

extension PostfixDelivery {
    /// Reads `to=<..>, relay=.., delay=.., dsn=.., status=sent (..)`.
    ///
    /// Nil for a status that is no outcome, such as that of a probe.
    fileprivate init?(_ text: ByteText) throws(PostfixFault) {
        guard let rest = text.after(prefix: "to=<"), let (recipient, values) = rest.split(at: ">, ")
        else { throw PostfixFault(message: "the recipient has no end") }
        guard let (head, tail) = values.split(at: ", status=") else {
            throw PostfixFault(message: "a delivery has no status")
        }
        let (word, reply) = tail.split(at: " (") ?? (tail, ByteText([]))
        guard let status = Status(rawValue: word.text) else { return nil }
        self.recipient = recipient.text
        self.status = status
        let inner = reply.dropLast(UInt8(ascii: ")"))
        self.text = inner.text
        queuedAs =
            status == .sent ? inner.splitLast(at: "queued as ")?.after.queueID?.id.text : nil
        relay = Self.value("relay=", in: head) ?? ""
        isRelayLocal = Self.isOnThisHost(relay)
        originalRecipient = values.after(prefix: "orig_to=<").flatMap { $0.split(at: ">, ") }
            .map { $0.before.text }
        delay = Self.value(", delay=", in: head)
        dsn = Self.value(", dsn=", in: head)
    }

    private static func value(_ name: StaticString, in text: ByteText) -> String? {
        guard let (_, rest) = text.split(at: name) else { return nil }
        return (rest.split(at: ", ")?.before ?? rest).text
    }

    /// Whether a relay is this very host: then its answer names another message of this log.
    private static func isOnThisHost(_ relay: String) -> Bool {
        relay.hasPrefix("127.") || relay.hasPrefix("localhost") || relay.contains("[127.")
            || relay.contains("[::1]")
    }
}

extension PostfixRejection {
    /// Reads `RCPT from host[address]: 550 5.1.1 ..; from=<..> to=<..> proto=..`.
    ///
    /// Nil where no recipient is named: then nobody was to be contacted.
    fileprivate init?(_ text: ByteText) {
        guard let (head, values) = text.splitLast(at: "; from=<") ?? text.splitLast(at: "; to=<")
        else { return nil }
        let hasSender = text.splitLast(at: "; from=<") != nil
        let parts =
            hasSender
            ? values.split(at: "> to=<") ?? values.split(at: ">, to=<") : (ByteText([]), values)
        guard let (sender, rest) = parts, let (recipient, _) = rest.split(at: UInt8(ascii: ">"))
        else { return nil }
        self.recipient = recipient.text
        self.sender = hasSender ? sender.text : nil
        stage = head.split(at: 0x20)?.before.text ?? ""
        reason = (head.split(at: ": ")?.after ?? head).text
    }
}
