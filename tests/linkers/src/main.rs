fn main() {
    println!("{}", linked::trusted());
}
