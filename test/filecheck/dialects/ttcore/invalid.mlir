// RUN: not tt-opt %s --split-input-file 2>&1 | filecheck %s

ttcore.device_module {
  func.func private @f()
}
// CHECK: error: 'ttcore.device_module' op holds ['func.func'], expected exactly one builtin.module

// -----

ttcore.cpu_module {
  builtin.module {
  }
  builtin.module {
  }
}
// CHECK: error: 'ttcore.cpu_module' op holds ['builtin.module', 'builtin.module'], expected exactly one builtin.module

// -----

func.func @no_callee(%x : tensor<4xf32>) {
  %a = ttcore.load_cached(@missing, [%x]) : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.load_cached' op '@missing' does not reference a function

// -----

func.func private @callee(tensor<4xf32>) -> tensor<8xf32>
func.func @other_type(%x : tensor<4xf32>) {
  %a = ttcore.load_cached(@callee, [%x]) : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.load_cached' op results have the types (tensor<4xf32>), expected those of '@callee': (tensor<8xf32>)

// -----

func.func private @tile(tensor<4x!ttcore.tile<32x32, bfp_b8>>)
// CHECK: a tile has no data type 'bfp_b8'; did you mean 'bfp_bf8' or

// -----

func.func private @tile(tensor<4x!ttcore.tile<32, bf16>>)
// CHECK: a tile has the shape (32,), expected a positive height and width
