internal import Synchronization

/// What a run of a tool has printed so far, where it is kept and not shown.
final class CapturedPages: Sendable {
    private let pages = Mutex<(output: [UInt8], error: [UInt8])>(([], []))

    var output: String { String(decoding: pages.withLock { $0.output }, as: UTF8.self) }
    var error: String { String(decoding: pages.withLock { $0.error }, as: UTF8.self) }

    func write(_ bytes: [UInt8], isError: Bool) {
        pages.withLock { pages in
            if isError { pages.error += bytes } else { pages.output += bytes }
        }
    }
}
