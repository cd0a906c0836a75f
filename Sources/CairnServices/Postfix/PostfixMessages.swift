internal import CairnCore
internal import CairnDomains

/// The messages of a log that are on their way, by the names of their queues' files.
///
/// Names are short-lived and used again: one stands for a message from its first line until
/// `removed`. Whether a message is the next hop of another one shows only when the hop before it
/// has said so, which may stand a few lines later, so what a message leads to is held back for
/// ``settleSpan`` of the log's own time.
struct PostfixMessages {
    static let settleSpan = TimeSpan.seconds(10)

    /// How much is known at once.
    struct Bounds {
        /// Most names; beyond that the oldest message is let go of.
        var entryCountMax = 262_144
        /// Most lines that are held back.
        var heldCountMax = 65_536
    }

    private struct Key: Hashable {
        let host: ExactText
        let queueID: ExactText
    }

    private struct Entry {
        let thread: PostfixThread
        let serial: UInt64
        /// Recipients that were refused under this name, and the attempts made of that.
        var refused: [ExactText: TouchUID] = [:]
        /// Another message's line named it, and none of its own lines was seen yet.
        var isForetold = false
        var isRemoved = false
        var isExpired = false

        /// Whether no line is to be expected that names a recipient for the first time.
        var isEnded: Bool { isRemoved || isExpired }
    }

    private var counts = PostfixCounts()
    private var entries: [Key: Entry] = [:]
    private var lastSerial: UInt64 = 0
    /// Names by age, for those that no line ever removes.
    private var ages = Line<(key: Key, serial: UInt64)>()
    /// Threads that are not settled, by when they began.
    private var open = Line<(thread: PostfixThread, since: Timestamp)>()
    /// Names that were removed and may still be named by a line that came late.
    private var leaving = Line<(key: Key, serial: UInt64, since: Timestamp)>()
    private var latest = Timestamp.distantPast
    private var heldCount = 0

    private let bounds: Bounds
    private let emit: (PostfixRow) -> Void

    init(_ bounds: Bounds = Bounds(), emit: @escaping (PostfixRow) -> Void) {
        self.bounds = bounds
        self.emit = emit
    }

    /// Whether there are messages of which it is not known what they are.
    var hasUndecided: Bool { open.first != nil }

    /// What the lines said, beside their number.
    func counts(lines: Int) -> PostfixCounts {
        var counts = counts
        counts.lines = lines
        return counts
    }

    /// Takes a line about a message.
    mutating func take(_ line: PostfixLine, host: String, queueID: String, at mark: PostfixMark) {
        advance(to: mark.instant)
        let key = Key(host: ExactText(host), queueID: ExactText(queueID))
        switch line {
        case .arrived:
            // The name is used anew, also where the log has no line that set it free.
            renew(key) { $0.isRemoved || !$0.isForetold && $0.thread.resolved.standing != .open }
            _ = entry(key, at: mark)
        case .named(let messageID):
            renew(key, if: \.isRemoved)
            let thread = entry(key, at: mark).thread
            if thread === thread.resolved { thread.name(messageID, at: mark) }
        case .active(let envelope):
            renew(key, if: \.isRemoved)
            let thread = entry(key, at: mark).thread
            if thread === thread.resolved { thread.activate(envelope, at: mark) }
            if envelope.sender.isEmpty { note(thread) }
        case .expired:
            counts.expired += 1
            take(.expired, of: entry(key, at: mark).thread, at: mark)
            entries[key]?.isExpired = true
        case .removed: remove(key, at: mark)
        case .noticed(let notice):
            let key = Key(host: key.host, queueID: ExactText(notice))
            note(entry(key, at: mark, isForetold: true).thread)
        case .delivery(let delivery):
            take(delivery, key, at: mark)
        case .rejected(let rejection):
            counts.rejected += 1
            reject(rejection, key, queueID: queueID, at: mark)
        }
        trim()
    }

    /// Decides on everything that is held back: nothing more is known.
    mutating func settleAll() {
        while let (thread, _) = open.popFirst() { settle(thread) }
    }

    /// Lets go of all messages at the end of the last input.
    ///
    /// One that is still on its way may be without a recipient only because the log was read too
    /// early. Its attempt is left to the import of the grown log: a row under its sender would
    /// take the uid, and so would keep the attempt from its recipient.
    mutating func finish() {
        settleAll()
        while let (key, serial) = ages.popFirst() {
            guard entries[key]?.serial == serial, let entry = entries.removeValue(forKey: key)
            else { continue }
            if entry.isEnded { finish(entry) }
        }
    }
}

extension PostfixMessages {
    private mutating func take(_ delivery: PostfixDelivery, _ key: Key, at mark: PostfixMark) {
        let thread = entry(key, at: mark).thread.resolved
        counts.add(delivery.status)
        var isHandover = false
        if let name = delivery.queuedAs {
            let next = Key(host: key.host, queueID: ExactText(name))
            isHandover = delivery.isRelayLocal || isSameMessage(thread, next)
            if isHandover {
                counts.handedOver += 1
                bind(next, to: thread, at: mark)
            }
        }
        if thread.standing == .notice { counts.notices += 1 }
        take(.delivery(delivery, isHandover: isHandover), of: thread, at: mark)
    }

    /// Whether the name belongs to a message on this host that is known to be the same one.
    private func isSameMessage(_ thread: PostfixThread, _ next: Key) -> Bool {
        guard let other = entries[next]?.thread.resolved, let name = other.messageID else {
            return false
        }
        return other !== thread && thread.messageID?.hasSameBytes(as: name) ?? false
    }

    /// Makes the message of a name a part of another one.
    private mutating func bind(_ key: Key, to thread: PostfixThread, at mark: PostfixMark) {
        let next = entry(key, at: mark, isForetold: true).thread.resolved
        // What is decided stays: its rows may be in the journal.
        guard next !== thread, next.standing == .open else { return }
        let held = next.held
        if thread.standing == .open {
            next.join(thread)
        } else {
            next.held = []
            next.join(thread)
            if thread.standing == .notice { counts.notices += Self.deliveryCount(held) }
            for (action, mark) in held { take(action, of: thread, at: mark) }
            heldCount -= held.count
        }
    }

    private mutating func take(
        _ action: PostfixThread.Action,
        of thread: PostfixThread,
        at mark: PostfixMark
    ) {
        let thread = thread.resolved
        switch thread.standing {
        case .open:
            thread.held.append((action, mark))
            heldCount += 1
        case .settled: thread.rows(action, at: mark).forEach(emit)
        case .notice: break
        }
    }

    private mutating func reject(
        _ rejection: PostfixRejection,
        _ key: Key,
        queueID: String,
        at mark: PostfixMark
    ) {
        let user = PostfixThread.named(rejection.recipient)
        let isNamed = queueID != "NOQUEUE"
        if isNamed { _ = entry(key, at: mark) }
        let known = isNamed ? entries[key]?.refused[ExactText(user)] : nil
        let attempt = known ?? mark.uid("attempt")
        if known == nil {
            let fact = TouchFact.sendAttempt(
                TouchAttempt(
                    queuedAt: mark.instant.touchSeconds,
                    channel: .email,
                    event: "mail",
                    parameters: JSONWriter.object([
                        ("host", .text(key.host.text)),
                        ("queue_id", isNamed ? .text(queueID) : nil),
                        ("from", PostfixValue(rejection.sender)),
                        ("stage", .text(rejection.stage)), ("reason", .text(rejection.reason)),
                    ])
                )
            )
            if let row = PostfixRow("attempt", user, fact, mark) { emit(row) }
            if isNamed { entries[key]?.refused[ExactText(user)] = attempt }
        }
        let fact = TouchFact.sendUnreachable(parent: attempt.name)
        if let row = PostfixRow("unreachable", user, fact, mark) { emit(row) }
    }

    private static func deliveryCount(
        _ held: [(action: PostfixThread.Action, mark: PostfixMark)]
    ) -> Int {
        held.count { if case .delivery = $0.action { true } else { false } }
    }

    private mutating func note(_ thread: PostfixThread) {
        let thread = thread.resolved
        guard thread.standing == .open else { return }
        thread.standing = .notice
        counts.notices += Self.deliveryCount(thread.held)
        heldCount -= thread.held.count
        thread.held = []
    }
}

extension PostfixMessages {
    /// The message of a name, a new one where the name is not in use.
    private mutating func entry(
        _ key: Key,
        at mark: PostfixMark,
        isForetold: Bool = false
    ) -> Entry {
        if let known = entries[key] {
            if !isForetold, known.isForetold { entries[key]?.isForetold = false }
            return known
        }
        lastSerial += 1
        let thread = PostfixThread(host: key.host.text, queueID: key.queueID.text, at: mark)
        let entry = Entry(thread: thread, serial: lastSerial, isForetold: isForetold)
        entries[key] = entry
        ages.append((key, lastSerial))
        open.append((thread, mark.instant))
        return entry
    }

    /// Lets go of a name's message if the name stands for another one from now on.
    private mutating func renew(_ key: Key, if isOver: (Entry) -> Bool) {
        guard let entry = entries[key], isOver(entry) else { return }
        entries[key] = nil
        finish(entry)
    }

    private mutating func remove(_ key: Key, at mark: PostfixMark) {
        guard let entry = entries[key] else { return }
        entries[key]?.isRemoved = true
        leaving.append((key, entry.serial, mark.instant))
    }

    /// Lets go of a name; the message may go on under another one.
    private mutating func finish(_ entry: Entry) {
        let thread = entry.thread
        // What became a part of another message was no attempt.
        guard thread === thread.resolved else { return }
        thread.isOver = true
        if thread.standing == .settled { finish(thread) }
    }

    private func finish(_ thread: PostfixThread) {
        if let row = thread.attemptRow(user: nil) { emit(row) }
    }

    /// Decides that a message is one of its own.
    private mutating func settle(_ thread: PostfixThread) {
        guard thread === thread.resolved, thread.standing == .open else { return }
        thread.standing = .settled
        heldCount -= thread.held.count
        for (action, mark) in thread.held { thread.rows(action, at: mark).forEach(emit) }
        thread.held = []
        if thread.isOver { finish(thread) }
    }

    /// Lets the log's time pass.
    private mutating func advance(to instant: Timestamp) {
        // Another log, or a clock that was set back: what was held belongs to what came before.
        if instant.adding(.seconds(60)) < latest {
            settleAll()
            latest = instant
        }
        latest = max(latest, instant)
        let end = latest.adding(Self.settleSpan.negated)
        while let (thread, since) = open.first, since < end {
            _ = open.popFirst()
            settle(thread)
        }
        while let left = leaving.first, left.since < end {
            _ = leaving.popFirst()
            forget(left)
        }
    }

    /// Keeps what is known within its bounds.
    private mutating func trim() {
        while heldCount > bounds.heldCountMax, let (thread, _) = open.popFirst() { settle(thread) }
        while entries.count > bounds.entryCountMax, let (key, serial) = ages.popFirst() {
            guard entries[key]?.serial == serial, let entry = entries.removeValue(forKey: key)
            else { continue }
            counts.letGo += 1
            settle(entry.thread.resolved)
            finish(entry)
        }
        while open.count > bounds.entryCountMax, let (thread, _) = open.popFirst() {
            settle(thread)
        }
        while leaving.count > bounds.entryCountMax, let left = leaving.popFirst() { forget(left) }
        // Most names leave long before they are the oldest.
        if ages.count > 2 * max(entries.count, 1_024) {
            ages.keep { key, serial in entries[key]?.serial == serial }
        }
    }

    private mutating func forget(_ left: (key: Key, serial: UInt64, since: Timestamp)) {
        guard entries[left.key]?.serial == left.serial,
            let entry = entries.removeValue(forKey: left.key)
        else { return }
        finish(entry)
    }
}

/// A line of waiting things: first in, first out.
private struct Line<Element> {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }
    var first: Element? { start < elements.count ? elements[start] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        start += 1
        if start > 1_024, start > elements.count / 2 {
            elements.removeFirst(start)
            start = 0
        }
        return first
    }

    mutating func keep(where isKept: (Element) -> Bool) {
        elements = elements[start...].filter(isKept)
        start = 0
    }
}
