/// One bit for each page, kept only for the parts of the file where one is set.
struct PageSet {
    private static let pagesPerPart: UInt64 = 32_768
    private var parts: [UInt64: [UInt64]] = [:]
    private(set) var count: UInt64 = 0

    func contains(_ page: UInt64) -> Bool {
        guard let part = parts[page / Self.pagesPerPart] else { return false }
        let bit = page % Self.pagesPerPart
        return part[Int(bit / 64)] & (1 << (bit % 64)) != 0
    }

    /// Adds a page; false if it was there.
    mutating func insert(_ page: UInt64) -> Bool {
        let bit = page % Self.pagesPerPart
        let word = Int(bit / 64)
        let mask: UInt64 = 1 << (bit % 64)
        let isNew = {
            (part: inout [UInt64]) in
            guard part[word] & mask == 0 else { return false }
            part[word] |= mask
            return true
        }(
            &parts[
                page / Self.pagesPerPart,
                default: Array(repeating: 0, count: Int(Self.pagesPerPart / 64))
            ]
        )
        if isNew { count += 1 }
        return isNew
    }
}

/// Who uses which page of one snapshot: no page may have two users, so no walk can go in circles.
///
/// Memory: two bits for each page that is used or free, in parts of 4 KiB.
final class PageLedger {
    private(set) var reached = PageSet()
    private(set) var free = PageSet()

    /// Notes that a tree uses a page; false if something uses it already.
    func reach(_ page: UInt64) -> Bool { reached.insert(page) }

    /// Notes that the free list holds a page; false if it does already.
    func release(_ page: UInt64) -> Bool { free.insert(page) }
}
