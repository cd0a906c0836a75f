internal import CairnDomains

extension ItemCommand {
    /// The same outcome in few bytes: what was sent stays known as sent.
    var shortened: ItemCommand? {
        switch self {
        case .accept(let acceptance):
            .accept(
                ItemAcceptance(
                    provider: acceptance.provider?.shortened,
                    providerReference: acceptance.providerReference?.shortened,
                    notifyReference: acceptance.notifyReference?.shortened
                )
            )
        case .reject(let source, let isFinal, let reason, let policy):
            .reject(source, isFinal: isFinal, reason: reason.shortened, policy)
        case .doubt(let doubt): .doubt(ItemDoubt(doubt.cause, detail: doubt.detail?.shortened))
        case .begin, .resume, .release, .noteLoss, .settle, .planRetry, .beginStep, .endStep,
            .failStep,
            .setTimer, .receive, .note:
            nil
        }
    }
}

extension String {
    /// The first characters, where there are too many to keep.
    fileprivate var shortened: String { String(prefix(200)) }
}
