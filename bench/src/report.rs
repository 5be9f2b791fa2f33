//! The figures of a run, as a table for people and JSON for programs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Machine {
    cpu: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    workerd: String,
    ouro: &'static str,
}

/// One subject in one scenario. Each figure's name ends with its unit.
#[derive(Serialize)]
pub struct Row {
    pub scenario: String,
    pub subject: String,
    pub figures: BTreeMap<&'static str, f64>,
}

impl Report {
    pub fn new() -> Self {
        Self {
            machine: Machine::read(),
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, scenario: &str, subject: &str, figures: &[(&'static str, f64)]) {
        let row = Row {
            scenario: scenario.to_owned(),
            subject: subject.to_owned(),
            figures: figures.iter().copied().collect(),
        };
        eprintln!("  {}", row.text());
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!(
            "{} cores, {}, {:.0} GiB, kernel {}, {}",
            self.machine.cores,
            self.machine.cpu,
            self.machine.memory_gib,
            self.machine.kernel,
            self.machine.workerd
        );
        for row in &self.rows {
            println!("{}", row.text());
        }
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_vec_pretty(self)?)?;
        eprintln!("report: {}", path.display());
        Ok(())
    }
}

impl Row {
    fn text(&self) -> String {
        let figures = self
            .figures
            .iter()
            .map(|(name, value)| format!("{name} {}", number(*value)))
            .collect::<Vec<_>>();
        format!(
            "{:<28} {:<12} {}",
            self.scenario,
            self.subject,
            figures.join("  ")
        )
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl Machine {
    fn read() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            text.lines()
                .find(|line| line.starts_with(name))
                .and_then(|line| line.split_once(':'))
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let kib = field(&read("/proc/meminfo"), "MemTotal")
            .split(' ')
            .next()
            .and_then(|number| number.parse::<f64>().ok());
        Self {
            cpu: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: kib.unwrap_or(f64::NAN) / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            workerd: crate::peers::workerd::version().unwrap_or_else(|_| "no workerd".to_owned()),
            ouro: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// The middle value.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    if values.is_empty() {
        f64::NAN
    } else {
        values[values.len() / 2]
    }
}
