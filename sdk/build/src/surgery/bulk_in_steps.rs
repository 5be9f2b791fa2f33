//! Fills and copies of memory in steps. One instruction fills or copies any length, and nothing interrupts it: a guest would hold up its
//! thread, and go over its CPU time, for as long as that takes. So each becomes a call of a function that does it step by step, and looks up
//! from its work in between as every loop does.

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, Function, FunctionSection, Instruction, InstructionSink, Module,
    TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, FunctionSectionReader, Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

use super::SurgeryError;

/// Some tens of microseconds, where each page has to be made first.
const STEP_BYTES: i32 = 128 << 10;

// Parameters of both functions: where to, the value or where from, and how many bytes.
const TO: u32 = 0;
const FROM: u32 = 1;
const LENGTH: u32 = 2;

/// The module with all of its fills and copies in steps.
///
/// # Errors
/// The module is not of the expected form.
pub fn bulk_in_steps(core: &[u8]) -> Result<Vec<u8>, SurgeryError> {
    let mut pass = Steps::of(core)?;
    let mut module = Module::new();
    pass.parse_core_module(&mut module, Parser::new(0), core)?;
    Ok(module.finish())
}

struct Steps {
    /// How many the module has of its own.
    types: u32,
    functions: u32,
}

impl Steps {
    fn of(core: &[u8]) -> Result<Self, SurgeryError> {
        let mut steps = Self {
            types: 0,
            functions: 0,
        };
        for payload in Parser::new(0).parse_all(core) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        steps.types += group?.types().len() as u32;
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let is_function = matches!(import?.ty, TypeRef::Func(_));
                        steps.functions += u32::from(is_function);
                    }
                }
                Payload::FunctionSection(section) => steps.functions += section.count(),
                _ => {}
            }
        }
        Ok(steps)
    }

    fn fill(&self) -> u32 {
        self.functions
    }

    fn copy(&self) -> u32 {
        self.functions + 1
    }
}

impl Reencode for Steps {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32; 3], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.types).function(self.types);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&fill()).function(&copy());
        Ok(())
    }

    fn instruction<'a>(
        &mut self,
        operator: Operator<'a>,
    ) -> Result<Instruction<'a>, reencode::Error> {
        Ok(match operator {
            Operator::MemoryFill { mem: 0 } => Instruction::Call(self.fill()),
            Operator::MemoryCopy {
                dst_mem: 0,
                src_mem: 0,
            } => Instruction::Call(self.copy()),
            other => utils::instruction(self, other)?,
        })
    }
}

fn fill() -> Function {
    let mut function = Function::new([]);
    let mut sink = function.instructions();
    while_longer_than_a_step(&mut sink, |sink| {
        sink.local_get(TO).local_get(FROM).i32_const(STEP_BYTES);
        sink.memory_fill(0);
        move_on(sink, &[TO]);
    });
    sink.local_get(TO).local_get(FROM).local_get(LENGTH);
    sink.memory_fill(0).end();
    function
}

/// What overlaps is copied from the end that is overwritten last.
fn copy() -> Function {
    let mut function = Function::new([]);
    let mut sink = function.instructions();
    sink.local_get(TO).local_get(FROM).i32_le_u();
    sink.if_(BlockType::Empty);
    while_longer_than_a_step(&mut sink, |sink| {
        sink.local_get(TO).local_get(FROM).i32_const(STEP_BYTES);
        sink.memory_copy(0, 0);
        move_on(sink, &[TO, FROM]);
    });
    sink.else_();
    while_longer_than_a_step(&mut sink, |sink| {
        move_on(sink, &[]);
        for place in [TO, FROM] {
            sink.local_get(place).local_get(LENGTH).i32_add();
        }
        sink.i32_const(STEP_BYTES);
        sink.memory_copy(0, 0);
    });
    sink.end();
    sink.local_get(TO).local_get(FROM).local_get(LENGTH);
    sink.memory_copy(0, 0).end();
    function
}

fn while_longer_than_a_step(
    sink: &mut InstructionSink<'_>,
    step: impl FnOnce(&mut InstructionSink<'_>),
) {
    sink.block(BlockType::Empty).loop_(BlockType::Empty);
    sink.local_get(LENGTH).i32_const(STEP_BYTES);
    sink.i32_le_u().br_if(1);
    step(sink);
    sink.br(0).end().end();
}

/// The places are a step further, and the rest is a step shorter.
fn move_on(sink: &mut InstructionSink<'_>, places: &[u32]) {
    for place in places {
        sink.local_get(*place).i32_const(STEP_BYTES);
        sink.i32_add().local_set(*place);
    }
    sink.local_get(LENGTH).i32_const(STEP_BYTES);
    sink.i32_sub().local_set(LENGTH);
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Module, Store};

    use super::*;

    const MEMORY: usize = 16 << 16;

    /// A module with two functions of its own, of which each is one instruction.
    fn module() -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32; 3], []);
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        let mut memories = wasm_encoder::MemorySection::new();
        memories.memory(super::super::memory_image::memory_type(MEMORY as u64 >> 16));
        let mut exports = wasm_encoder::ExportSection::new();
        exports.export("memory", wasm_encoder::ExportKind::Memory, 0);
        exports.export("fill", wasm_encoder::ExportKind::Func, 0);
        exports.export("copy", wasm_encoder::ExportKind::Func, 1);
        let mut code = CodeSection::new();
        for is_fill in [true, false] {
            let mut function = Function::new([]);
            let mut sink = function.instructions();
            sink.local_get(TO).local_get(FROM).local_get(LENGTH);
            if is_fill {
                sink.memory_fill(0).end();
            } else {
                sink.memory_copy(0, 0).end();
            }
            code.function(&function);
        }
        module
            .section(&types)
            .section(&functions)
            .section(&memories);
        module.section(&exports).section(&code);
        module.finish()
    }

    /// Runs the function on a memory in which no two places near each other are alike; the memory after it, or none where it trapped.
    fn run(binary: &[u8], name: &str, arguments: (u32, u32, u32)) -> Option<Vec<u8>> {
        let engine = Engine::default();
        let module = Module::new(&engine, binary).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
        let memory = instance.get_memory(&mut store, "memory").expect("is there");
        let bytes = memory.data_mut(&mut store);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = (at % 251) as u8;
        }
        let function = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, name);
        let result = function.expect("is there").call(&mut store, arguments);
        result.ok().map(|()| memory.data(&store).to_vec())
    }

    #[test]
    fn steps_do_what_the_instruction_does() {
        let whole = module();
        let steps = bulk_in_steps(&whole).expect("rewritten");
        let step = STEP_BYTES as u32;
        let lengths = [0, 1, step, step + 1, 2 * step, 3 * step + 7];
        for length in lengths {
            for (name, to, from) in [
                ("fill", 5, 7),
                ("copy", 3, 9),
                ("copy", 9, 3),
                ("copy", 3, 3 + step),
                ("copy", 3 + step, 3),
                ("copy", 10, 4 * step),
            ] {
                let arguments = (to, from, length);
                let expected = run(&whole, name, arguments).expect("within the memory");
                assert!(
                    run(&steps, name, arguments) == Some(expected),
                    "{name} {arguments:?}"
                );
            }
        }
        for (name, arguments) in [("fill", (1, 2, MEMORY as u32)), ("copy", (0, 1, u32::MAX))] {
            assert!(
                run(&whole, name, arguments).is_none() && run(&steps, name, arguments).is_none()
            );
        }
    }

    #[test]
    fn no_instruction_without_steps_is_left() {
        let steps = bulk_in_steps(&module()).expect("rewritten");
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(&steps) {
            if let Payload::CodeSectionEntry(body) = payload.expect("valid") {
                bodies.push(body);
            }
        }
        for body in &bodies[..2] {
            let operators = body.get_operators_reader().expect("valid").into_iter();
            let is_bulk = |operator: Operator<'_>| {
                matches!(
                    operator,
                    Operator::MemoryFill { .. } | Operator::MemoryCopy { .. }
                )
            };
            assert!(
                !operators
                    .map(|operator| operator.expect("valid"))
                    .any(is_bulk)
            );
        }
    }
}
