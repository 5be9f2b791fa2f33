//! Interleaved rounds of several servers under the same load.

use anyhow::Result;

use crate::Options;
use crate::client::Request;
use crate::load;
use crate::process::Server;
use crate::report::median;

/// A server, and what it is asked for.
pub struct Subject<'a> {
    pub name: &'static str,
    pub server: &'a Server,
    pub requests: Vec<Request>,
}

impl<'a> Subject<'a> {
    pub fn new(name: &'static str, server: &'a Server, requests: &[Request]) -> Self {
        Self {
            name,
            server,
            requests: requests.to_vec(),
        }
    }
}

/// Medians of one subject's rounds.
pub struct Measured {
    pub cpu_us: f64,
    pub per_second: f64,
    pub p50_us: f64,
    pub p99_ms: f64,
    pub faults: f64,
}

impl Measured {
    pub fn figures(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("cpu_us_per_request", self.cpu_us),
            ("requests_per_second", self.per_second),
            ("p50_us", self.p50_us),
            ("p99_ms", self.p99_ms),
            ("page_faults_per_request", self.faults),
        ]
    }
}

/// Each subject has its turn in each round, so that what a noisy machine does to one it does to all.
pub fn rounds(
    options: &Options,
    subjects: &[Subject],
    connections: usize,
) -> Result<Vec<Measured>> {
    for subject in subjects {
        let warm_up = options.round() / 3;
        load::closed(
            subject.server.address,
            &subject.requests,
            connections,
            warm_up,
        )?;
    }
    let mut figures: Vec<[Vec<f64>; 5]> = vec![Default::default(); subjects.len()];
    for _ in 0..options.rounds {
        for (subject, figures) in subjects.iter().zip(&mut figures) {
            let values = round(options, subject, connections)?;
            figures
                .iter_mut()
                .zip(values)
                .for_each(|(all, value)| all.push(value));
        }
    }
    Ok(figures.into_iter().map(medians).collect())
}

fn round(options: &Options, subject: &Subject, connections: usize) -> Result<[f64; 5]> {
    let before = subject.server.usage()?;
    let round = load::closed(
        subject.server.address,
        &subject.requests,
        connections,
        options.round(),
    )?;
    let after = subject.server.usage()?;
    let count = round.latencies.count() as f64;
    Ok([
        (after.cpu - before.cpu).as_secs_f64() * 1e6 / count,
        round.per_second(),
        round.latencies.percentile_us(0.5),
        round.latencies.percentile_ms(0.99),
        (after.minor_faults - before.minor_faults) as f64 / count,
    ])
}

fn medians(mut figures: [Vec<f64>; 5]) -> Measured {
    let [cpu_us, per_second, p50_us, p99_ms, faults] =
        figures.each_mut().map(|values| median(values));
    Measured {
        cpu_us,
        per_second,
        p50_us,
        p99_ms,
        faults,
    }
}
