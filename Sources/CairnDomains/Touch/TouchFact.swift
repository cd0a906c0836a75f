internal import CairnCore

/// What a row says: the eight variants of seed 000's `event`.
///
/// `parent` is the uid of the row that this one belongs to, as it was given: it may name a row
/// that is not there, not yet, or another user's. Documents are JSON in UTF-8 byte for byte.
public enum TouchFact: Hashable, Sendable {
    /// The send job tried to reach the user.
    case sendAttempt(TouchAttempt)
    /// There was no address to reach the user at.
    case sendUnreachable(parent: String)
    /// The attempt was dropped because it was too old.
    case sendStale(parent: String)
    /// There were addresses; the message was given to the channel's queue for each.
    case sendReachable(TouchReach)
    /// A send failed in a way that may pass, and was queued again.
    case sendRetry(TouchFailure)
    /// A send failed in a way that may pass, and was given up.
    case sendAbandon(TouchFailure)
    /// A send failed for good.
    case sendUnretryable(TouchFailure)
    /// A send succeeded, as far as that can be known.
    case sendSuccess(parent: String, destination: String)
}

/// The beginning of a touch.
public struct TouchAttempt: Hashable, Sendable {
    /// Seconds since the Unix epoch at which it was queued.
    public let queuedAt: Double
    public let channel: TouchChannel
    /// The slug of what the user is told.
    public let event: String
    /// `event_parameters`.
    public let parameters: [UInt8]

    public init(
        queuedAt: Double,
        channel: TouchChannel,
        event: String,
        parameters: [UInt8] = Array("{}".utf8)
    ) {
        self.queuedAt = queuedAt
        self.channel = channel
        self.event = event
        self.parameters = parameters
    }
}

/// The addresses that were found, and what is sent to them.
public struct TouchReach: Hashable, Sendable {
    public let parent: String
    public let message: TouchMessage
    public let destinations: [String]

    public init(parent: String, message: TouchMessage, destinations: [String]) {
        self.parent = parent
        self.message = message
        self.destinations = destinations
    }
}

/// A send to one address that failed.
public struct TouchFailure: Hashable, Sendable {
    public let parent: String
    public let destination: String
    /// What the channel says of the failure; its shape is the channel's.
    public let info: [UInt8]

    public init(parent: String, destination: String, info: [UInt8] = Array("{}".utf8)) {
        self.parent = parent
        self.destination = destination
        self.info = info
    }
}

/// How a user is reached; a word that is none of the three is kept as it was written.
public enum TouchChannel: Hashable, Sendable {
    case sms, push, email
    case other(String)

    /// Takes a word as the log spells it.
    public init(word: String) {
        let known: [TouchChannel] = [.sms, .push, .email]
        self = known.first { $0.word.hasSameBytes(as: word) } ?? .other(word)
    }

    public var word: String {
        switch self {
        case .sms: "sms"
        case .push: "push"
        case .email: "email"
        case .other(let word): word
        }
    }
}

/// What is sent, in the shape of its channel.
public enum TouchMessage: Hashable, Sendable {
    case sms(body: String)
    case push(title: String, body: String, channelID: String)
    /// `parameters` is JSON.
    case email(subject: String, template: String, parameters: [UInt8])
    /// JSON of another shape.
    case other([UInt8])
}

extension TouchFact {
    /// The uid of the row that this one belongs to; nil for an attempt.
    public var parent: String? {
        switch self {
        case .sendAttempt: nil
        case .sendUnreachable(let parent), .sendStale(let parent), .sendSuccess(let parent, _):
            parent
        case .sendReachable(let reach): reach.parent
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            failure.parent
        }
    }

    /// The one address that the row is about; nil where it is about none or several.
    public var destination: String? {
        switch self {
        case .sendAttempt, .sendUnreachable, .sendStale, .sendReachable: nil
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            failure.destination
        case .sendSuccess(_, let destination): destination
        }
    }

    /// What the channel says of a failure.
    public var info: [UInt8]? {
        switch self {
        case .sendAttempt, .sendUnreachable, .sendStale, .sendReachable, .sendSuccess: nil
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            failure.info
        }
    }

    /// The bytes of its texts; a native string knows its count.
    var byteCount: Int {
        switch self {
        case .sendAttempt(let attempt):
            attempt.channel.word.utf8.count + attempt.event.utf8.count + attempt.parameters.count
        case .sendUnreachable(let parent), .sendStale(let parent): parent.utf8.count
        case .sendReachable(let reach):
            reach.destinations.reduce(reach.parent.utf8.count + reach.message.byteCount) {
                $0 + 16 + $1.utf8.count
            }
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            failure.parent.utf8.count + failure.destination.utf8.count + failure.info.count
        case .sendSuccess(let parent, let destination):
            parent.utf8.count + destination.utf8.count
        }
    }
}

extension TouchMessage {
    fileprivate var byteCount: Int {
        switch self {
        case .sms(let body): body.utf8.count
        case .push(let title, let body, let channelID):
            title.utf8.count + body.utf8.count + channelID.utf8.count
        case .email(let subject, let template, let parameters):
            subject.utf8.count + template.utf8.count + parameters.count
        case .other(let json): json.count
        }
    }
}
