import Foundation

/// One state of the disk that a machine may be found in after it stopped, or of the kernel's pages
/// after a process was killed.
struct CrashImage {
    let description: String
    let bytes: [UInt8]
    let presence: Presence
    let ending: Ending
    /// Whether a meta page is a mixture, which LMDB takes for impossible.
    let isTorn: Bool
    let acknowledged: UInt64
    let submitted: UInt64
}

/// What an image is the end of.
enum Ending: Hashable {
    /// The machine stopped, and has started anew.
    case crash
    /// The process was killed, and nothing else happened.
    case kill
}

/// How an image is made of an epoch: small, so that all of them are known before the first is made.
struct ImagePlan: Hashable {
    /// A part of a meta page's page, of which some bytes are older than others.
    struct Torn: Hashable {
        let offset: Int
        let bytes: [UInt8]
        let isMeta: Bool
    }

    let epoch: Int
    /// For each sector that was written, which of its states it is in.
    var states: [UInt8] = []
    var torn: [Torn] = []
    /// Whether the file got the length of all writes, also of those that are not there.
    var isLong = false
    var presence = Presence.present
    /// After how many of the writes the process was killed; nil where the machine stopped.
    var killed: Int?
}

/// The images that an epoch can end in.
///
/// A drive keeps a sector of 512 bytes whole, and nothing else: of what was written since the last
/// flush, any sectors may be there, in any order. The kernel may bring a page to the disk at any
/// moment before the flush, too, so each sector is as it was after any number of the writes. Meta
/// pages, arms and seals are torn as well, as if sectors were smaller.
struct ImageMaker {
    static let pageByteCount = MetaSlots.pageByteCount
    static let sectorByteCount = 512
    private static let describedCountMax = 24

    /// A sector that was written, and all that it can be.
    struct Sector {
        let offset: Int
        /// What differs, in the order of the writes; the first is what was durable.
        var states: [[UInt8]]
        /// After how many writes each of them was there.
        var moments: [Int]

        /// The state after so many writes.
        func state(after count: Int) -> UInt8 {
            UInt8(moments.lastIndex { $0 <= count } ?? 0)
        }

        var newest: UInt8 { UInt8(states.count - 1) }
    }

    let epoch: Epoch
    let index: Int
    let sectors: [Sector]
    /// For each page that was written, which of the sectors are its own.
    let pages: [Range<Int>]

    init(_ epoch: Epoch, index: Int) {
        self.epoch = epoch
        self.index = index
        let size = Self.sectorByteCount
        var writes: [Int: [Int]] = [:]
        for (number, write) in epoch.writes.enumerated() {
            // Zeros behind the end change nothing but the length.
            if write.offset >= epoch.durable.count, write.bytes.allSatisfy({ $0 == 0 }) { continue }
            for sector in write.offset / size...(write.offset + write.bytes.count - 1) / size {
                writes[sector, default: []].append(number)
            }
        }
        let sectors = writes.keys.sorted().compactMap {
            Self.sector($0 * size, writes[$0] ?? [], of: epoch)
        }
        self.sectors = sectors
        var pages: [Range<Int>] = []
        for place in sectors.indices {
            let page = sectors[place].offset / Self.pageByteCount
            if let last = pages.last, sectors[last.lowerBound].offset / Self.pageByteCount == page {
                pages[pages.count - 1] = last.lowerBound..<place + 1
            } else {
                pages.append(place..<place + 1)
            }
        }
        self.pages = pages
    }

    /// A sector's states; nil if nothing of it ever changes.
    private static func sector(_ offset: Int, _ writes: [Int], of epoch: Epoch) -> Sector? {
        let range = offset..<offset + sectorByteCount
        var bytes = Array(epoch.durable[range.clamped(to: 0..<epoch.durable.count)])
        if bytes.count < range.count {
            bytes.append(contentsOf: repeatElement(0, count: range.count - bytes.count))
        }
        var sector = Sector(offset: offset, states: [bytes], moments: [0])
        for number in writes {
            let write = epoch.writes[number]
            let part = range.clamped(to: write.offset..<write.offset + write.bytes.count)
            guard !part.isEmpty else { continue }
            var next = bytes
            let source = part.lowerBound - write.offset..<part.upperBound - write.offset
            Tape.copy(write.bytes, source, to: part.lowerBound - offset, of: &next)
            guard next != bytes, sector.states.count < 255 else { continue }
            sector.states.append(next)
            sector.moments.append(number + 1)
            if write.hasFailed {
                // The kernel does not have it, and goes on without it.
                sector.states.append(bytes)
                sector.moments.append(number + 1)
            } else {
                bytes = next
            }
        }
        return sector.states.count > 1 ? sector : nil
    }

    /// The image itself.
    func image(_ plan: ImagePlan) -> CrashImage {
        if let killed = plan.killed { return killImage(plan, after: killed) }
        var bytes = epoch.durable
        if plan.isLong {
            let end = epoch.writes.map { $0.offset + $0.bytes.count }.max() ?? 0
            if end > bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
            }
        }
        for (sector, state) in zip(sectors, plan.states) where state != 0 {
            let write = PendingWrite(offset: sector.offset, bytes: sector.states[Int(state)])
            Tape.apply(write, to: &bytes)
        }
        for torn in plan.torn {
            Tape.apply(PendingWrite(offset: torn.offset, bytes: torn.bytes), to: &bytes)
        }
        MetaSlots.startAnew(&bytes)
        return CrashImage(
            description: description(plan),
            bytes: bytes,
            presence: plan.presence,
            ending: .crash,
            isTorn: plan.torn.contains { $0.isMeta },
            acknowledged: epoch.acknowledged,
            submitted: epoch.submitted
        )
    }

    /// What the kernel has after some of the writes.
    func cached(after count: Int) -> [UInt8] {
        var bytes = epoch.durable
        for write in epoch.writes.prefix(count) where !write.hasFailed {
            Tape.apply(write, to: &bytes)
        }
        return bytes
    }

    /// What was acknowledged stays; a commit on its way may stay, or be taken back.
    private func killImage(_ plan: ImagePlan, after count: Int) -> CrashImage {
        let bytes = cached(after: count)
        // What an earlier crash cut short counts for nothing yet, and may lead anywhere.
        let isUnsettled = MetaSlots.isOfOtherStart(bytes)
        let last =
            (isUnsettled ? nil : MetaSlots.lastPosition(bytes)) ?? epoch.acknowledged
        return CrashImage(
            description: description(plan),
            bytes: bytes,
            presence: .present,
            ending: isUnsettled ? .crash : .kill,
            isTorn: false,
            // What was acknowledged after a write that is not there was not, when it was killed.
            acknowledged: isUnsettled
                ? epoch.acknowledged
                : epoch.writes.dropFirst(count).map(\.acknowledged).min() ?? epoch.acknowledged,
            submitted: isUnsettled ? epoch.submitted : max(last, epoch.acknowledged)
        )
    }

    private func description(_ plan: ImagePlan) -> String {
        var words = "epoch \(plan.epoch), at \(epoch.acknowledged) of \(epoch.submitted)"
        if plan.presence != .present { return words + ", \(plan.presence)" }
        if let killed = plan.killed {
            return words + ", killed after \(killed) of \(epoch.writes.count) writes"
        }
        let older = pages.filter { page in
            page.contains { plan.states[$0] != sectors[$0].newest }
        }
        if older.count > Self.describedCountMax { words += ", \(older.count) pages not new" }
        for page in older.prefix(Self.describedCountMax) {
            words += ", page \(sectors[page.lowerBound].offset / Self.pageByteCount)"
            guard page.contains(where: { plan.states[$0] != 0 }) else {
                words += " old"
                continue
            }
            for place in page {
                let sector = sectors[place].offset % Self.pageByteCount / Self.sectorByteCount
                words += " \(sector):\(plan.states[place])/\(sectors[place].newest)"
            }
        }
        for torn in plan.torn {
            let end = (torn.bytes.lastIndex { $0 != 0 } ?? 0) + 1
            let bytes = torn.bytes.prefix(end)
            let hexadecimal = bytes.map { String($0, radix: 16) }.joined(separator: ".")
            words += ", torn at \(torn.offset) \(hexadecimal)"
        }
        return words + (plan.isLong ? ", long" : "")
    }
}

extension Tape {
    func image(_ plan: ImagePlan) -> CrashImage {
        maker(plan.epoch).image(plan)
    }

    /// What the machine has of a journal whose writer was killed; nil where the machine stopped.
    func beginning(_ plan: ImagePlan) -> Beginning? {
        guard let killed = plan.killed else { return nil }
        let epoch = epochs[plan.epoch]
        let image = image(plan)
        return Beginning(
            durable: epoch.durable,
            pending: Array(epoch.writes.prefix(killed)),
            acknowledged: epoch.acknowledged,
            submitted: image.submitted
        )
    }
}
