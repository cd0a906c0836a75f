internal import CairnCore
internal import CairnDomains

/// Which holders live, each asked once in one question.
struct HolderLives {
    private let view: ItemView
    /// Whether all count as gone, as after a crash.
    private let areAllGone: Bool
    private var known: [WorkerNumber: Bool] = [:]

    init(_ view: ItemView, areAllGone: Bool = false) {
        self.view = view
        self.areAllGone = areAllGone || view.areHoldersGone
    }

    /// Whether a worker lives; nil as of a moment.
    mutating func isAlive(_ worker: WorkerNumber) async throws(IncidentError) -> Bool? {
        if areAllGone { return false }
        if let known = known[worker] { return known }
        let isAlive = try await view.isAlive(worker)
        known[worker] = isAlive
        return isAlive
    }

    /// What an item stands at.
    ///
    /// A holder that is found gone may have written its outcome since the item was folded, so the
    /// rest of the stream is read after its lock, and the answer is about that.
    mutating func judge(
        _ item: FoldedItem,
        in stream: StreamNumber
    ) async throws(IncidentError) -> JudgedItem {
        var item = item
        while true {
            guard let attempt = item.state.current, case .open = attempt.standing,
                let isAlive = try await isAlive(attempt.worker)
            else { return JudgedItem(item: item, verdict: item.state.verdict()) }
            if areAllGone {
                let verdict = item.state.verdict(isHolderGone: true)
                return JudgedItem(item: item, verdict: verdict, isHolderAlive: false)
            }
            if isAlive {
                return JudgedItem(item: item, verdict: item.state.verdict(), isHolderAlive: true)
            }
            let name = try await view.streamID(of: stream)
            let latest = try await view.folded(name, from: item, upTo: nil)
            guard latest.sequence > item.sequence else {
                let verdict = item.state.verdict(isHolderGone: true)
                return JudgedItem(item: item, verdict: verdict, isHolderAlive: false)
            }
            item = latest
        }
    }
}

/// An item, and what events and locks say that it stands at.
struct JudgedItem {
    let item: FoldedItem
    let verdict: KeyVerdict
    var isHolderAlive: Bool?

    /// Since when nobody knows; nil where there is no doubt.
    var inDoubtSince: Timestamp? { item.state.inDoubtSince(verdict) }
}

extension ItemState {
    /// Since when nobody knows, by what the item was judged to be; nil where there is no doubt.
    ///
    /// Where the holder is gone, since the attempt began: writing the loss down makes a doubt no
    /// younger.
    func inDoubtSince(_ verdict: KeyVerdict) -> Timestamp? {
        guard case .inDoubt(let doubt, let since) = verdict else { return nil }
        return doubt.cause == .holderGone ? current?.beganAt ?? since : since
    }
}

extension ItemRow {
    init(_ stream: StreamID, _ judged: JudgedItem, now: Timestamp) {
        self.init(
            stream: stream,
            state: judged.item.state,
            verdict: judged.verdict,
            isHolderAlive: judged.isHolderAlive,
            updatedAt: judged.item.updatedAt,
            position: judged.item.position,
            now: now
        )
    }
}
