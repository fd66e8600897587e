//! The library, the command, and the systems whose job this project takes over, one file a system, one
//! test a row of their behaviour: the simplest use of each, against real servers on this machine. They pass
//! offline, for any user, and whatever is baked in or stands in the environment.

mod algorithms;
mod bcfg2;
mod bcfg2_server;
mod cas_of_one_name;
mod check;
mod check_network;
mod check_starttls;
mod check_store;
mod client_keys;
mod command;
#[cfg(unix)]
mod concurrency;
mod config;
mod connection_errors;
mod cratedb;
mod cves;
mod diff;
#[cfg(unix)]
mod directory;
#[cfg(unix)]
mod directory_changes;
#[cfg(unix)]
mod distrust;
#[cfg(unix)]
mod distrust_running;
mod explain;
#[cfg(all(target_os = "linux", feature = "ring"))]
mod faults;
mod get_to_file;
#[cfg(unix)]
mod hints;
#[cfg(target_os = "linux")]
mod hostile_files;
#[cfg(target_os = "linux")]
mod hostile_peers;
mod inspect;
mod inspect_bombs;
mod inspect_depends;
mod inspect_guessing;
mod inspect_hostile;
mod inspect_large;
mod inspect_linked;
mod inspect_notes;
mod inspect_packages;
mod inspect_pe;
mod inspect_walk;
mod json;
mod kamaki;
mod libcloud;
mod library;
mod list;
#[cfg(target_os = "linux")]
mod many_configurations;
#[cfg(target_os = "linux")]
mod messages;
#[cfg(unix)]
mod no_ca;
#[cfg(target_os = "linux")]
mod open_connections;
mod openssl;
mod openstack;
mod openstack_names;
mod openstack_servers;
#[cfg(unix)]
mod pins;
mod proxies;
#[cfg(unix)]
mod reload;
#[cfg(unix)]
mod removal;
#[cfg(unix)]
mod renewal;
#[cfg(unix)]
mod renewal_trouble;
#[cfg(unix)]
mod sessions;
mod shapes;
mod slow_proxies;
mod support;
#[cfg(unix)]
mod terminal;
