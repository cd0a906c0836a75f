internal import CairnCore
package import CairnDomains
internal import CairnJournal

extension PromptPlayback {
    /// One viewer's way through a prompt.
    public struct Iterator: AsyncIteratorProtocol {
        private let playback: PromptPlayback
        private var live: PromptLiveReader
        private var pending: [PlayedPromptEvent] = []
        private var index = 0
        /// The last place in the order of prompt times that was given or passed.
        private var reached: PromptEventKey?
        /// The second whose events are chosen from, what the last chosen one is, and how many came.
        private var chosen: (second: Int64, last: PromptSampleRank?, givenCount: Int)?
        private var liveSecond: (second: Int64, givenCount: Int)?

        init(_ playback: PromptPlayback) {
            self.playback = playback
            live = PromptLiveReader(
                playback.journal,
                prompt: playback.prompt,
                after: playback.start
            )
            reached = playback.beginning.map(PromptEventKey.init(endOf:))
        }

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(PromptSessionsError) -> PlayedPromptEvent? {
            while index == pending.count {
                if Task.isCancelled { return nil }
                pending.removeAll(keepingCapacity: true)
                index = 0
                let pace = playback.pace.current
                let before = live.position
                // A page of each, so that neither a busy journal nor a long prompt holds the
                // other one up; what happens now comes first.
                try await takeLive()
                let isBehind = try await takeStored(upTo: pace.time)
                guard pending.isEmpty, !isBehind, live.position == before else { continue }
                if pace.isEnded { return nil }
                try await wait(for: pace)
            }
            defer { index += 1 }
            return pending[index]
        }

        /// Waits for an event of the journal or for the viewer to go on.
        private func wait(
            for pace: (time: PromptTime?, isEnded: Bool)
        ) async throws(PromptSessionsError) {
            let (live, signal) = (live, playback.pace)
            let result = await withTaskGroup(of: Result<Void, PromptSessionsError>.self) { group in
                group.addTask {
                    do throws(PromptSessionsError) {
                        return .success(try await live.waitForEvent())
                    } catch {
                        return .failure(error)
                    }
                }
                group.addTask {
                    await signal.waitForChange(from: pace)
                    return .success(())
                }
                let first = await group.next()
                group.cancelAll()
                return first ?? .success(())
            }
            try result.get()
        }
    }
}

extension PromptPlayback.Iterator {
    // MARK: what happens now

    private mutating func takeLive() async throws(PromptSessionsError) {
        for published in try await live.page() {
            guard published.counts, isLive(published.event, published.recordedAt) else { continue }
            if let countMax = playback.sampling.eventCountMax {
                let second = published.recordedAt.nanoseconds / 1_000_000_000
                if liveSecond?.second != second { liveSecond = (second, 0) }
                guard let given = liveSecond?.givenCount, given < countMax else {
                    playback.pace.leaveOut()
                    continue
                }
                liveSecond?.givenCount = given + 1
            }
            add(published.event, isLive: true)
        }
    }

    /// Whether an event behind the start was created just before it was recorded.
    private func isLive(_ event: PromptEvent, _ recordedAt: Timestamp) -> Bool {
        event.origin?.isHistory != true
            && recordedAt.since(event.createdAt) <= playback.liveWindow
    }

    // MARK: what happened before

    /// Takes the next page of the events that the viewer comes to.
    ///
    /// - Returns: Whether there may be more.
    private mutating func takeStored(
        upTo time: PromptTime?
    ) async throws(PromptSessionsError) -> Bool {
        guard let time else { return false }
        let end = PromptEventKey(endOf: time)
        if let reached, reached >= end { return false }
        let page = try await playback.board.page(
            ofPrompt: playback.prompt,
            after: reached,
            upTo: time,
            limit: PromptPlayback.pageEventCountMax
        )
        for line in page.lines {
            let event = line.event
            var cameLive = false
            if line.mayBeLive { cameLive = try await self.cameLive(event, page.position) }
            if !cameLive, try await isChosen(event) { add(event, isLive: false) }
            reached = event.key
        }
        let isFull = page.lines.count == PromptPlayback.pageEventCountMax
        if !isFull { reached = end }
        return isFull
    }

    /// Whether an event of the tables came live, or is about to.
    private func cameLive(
        _ event: PromptEvent,
        _ position: Position
    ) async throws(PromptSessionsError) -> Bool {
        guard position > playback.start,
            // What was recorded behind the start was recorded no earlier than it.
            playback.startedAt.since(event.createdAt) <= playback.liveWindow
        else { return false }
        do throws(JournalError) {
            let id = try limited { () throws(LimitError) in try EventID(event.uid.name) }
            guard let receipt = try await playback.journal.receipt(of: id) else { return false }
            return receipt.position > playback.start && isLive(event, receipt.recordedAt)
        } catch {
            throw .journal(error)
        }
    }

    private mutating func isChosen(
        _ event: PromptEvent
    ) async throws(PromptSessionsError) -> Bool {
        guard let countMax = playback.sampling.eventCountMax else { return true }
        let second = PromptSecond.containing(event.promptTime)
        if chosen?.second != second {
            chosen = (second, try await lastChosen(of: second, countMax), 0)
        }
        guard let choice = chosen, choice.givenCount < countMax,
            choice.last.map({ PromptSampleRank(event.uid) <= $0 }) ?? true
        else {
            playback.pace.leaveOut()
            return false
        }
        chosen?.givenCount += 1
        return true
    }

    /// The last event that is chosen of a second; nil where all are.
    ///
    /// - Complexity: The events of the second; memory for those that are chosen.
    private func lastChosen(
        of second: Int64,
        _ countMax: Int
    ) async throws(PromptSessionsError) -> PromptSampleRank? {
        let counts = try await playback.board.counts(
            ofPrompt: playback.prompt,
            in: second...second
        )
        guard let count = counts?.first?.eventCount, count > Int64(countMax) else { return nil }
        var ranks: [PromptSampleRank] = []
        var key = PromptEventKey(beforeSecond: second)
        let end = PromptTime.end(ofSecond: second)
        while true {
            let page = try await playback.board.page(
                ofPrompt: playback.prompt,
                after: key,
                upTo: end,
                limit: PromptPlayback.pageEventCountMax
            )
            let events = page.lines.map(\.event)
            let own = events.filter { PromptSecond.containing($0.promptTime) == second }
            ranks += own.map { PromptSampleRank($0.uid) }
            if ranks.count >= 2 * countMax + PromptPlayback.pageEventCountMax {
                ranks.sort()
                ranks.removeLast(ranks.count - countMax)
            }
            guard events.count == PromptPlayback.pageEventCountMax, own.count == events.count
            else { break }
            key = events.last?.key
        }
        ranks.sort()
        // There may be just as many left, the others having been dropped on the way.
        return ranks.count < countMax ? nil : ranks[countMax - 1]
    }

    private mutating func add(_ event: PromptEvent, isLive: Bool) {
        let plain = PromptEvent(
            uid: event.uid,
            act: event.act,
            promptTime: event.promptTime,
            createdAt: event.createdAt
        )
        pending.append(PlayedPromptEvent(event: plain, isLive: isLive))
    }
}

extension PromptEventKey {
    /// The place behind all events of a time: no uid comes after this one.
    init(endOf time: PromptTime) {
        self.init(promptTime: time, uid: .last)
    }

    /// The place before all events of a second; nil for the first one, which has no beginning.
    init?(beforeSecond second: Int64) {
        guard second > .min, let time = try? PromptTime(Double(second).nextDown) else {
            return nil
        }
        self.init(endOf: time)
    }
}

extension PromptTime {
    /// The last time of a second; that of the last one has no end.
    package static func end(ofSecond second: Int64) -> PromptTime {
        guard second < .max else { return .end }
        // Beyond 2^53 there is but one time in a second.
        let last = max(Double(second), Double(second + 1).nextDown)
        return (try? PromptTime(last)) ?? .end
    }
}
