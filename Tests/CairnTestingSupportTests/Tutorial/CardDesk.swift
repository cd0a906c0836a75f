// begin: desk
/// The stamps of all customers.
struct CardDesk {
    private var stamps: [String: Int] = [:]

    func stamps(of customer: String) -> Int { stamps[customer, default: 0] }

    mutating func buy(_ cups: Int, for customer: String) {
        stamps[customer, default: 0] += cups
    }

    /// Gives all stamps of one customer to another.
    mutating func give(from giver: String, to taker: String) {
        stamps[taker, default: 0] += stamps(of: giver)
        stamps[giver] = nil
    }
}
// end
