/*
 * Entry points for x86-64 (System V psABI, section 3.4.1 for the state of a starting program, A.2.1 for system calls).
 *
 * start   where the kernel starts the program. rsp points to argc and is a multiple of 16. What is on the stack must stay
 *         there. ld.so expects rdx to be no function to call at exit, which the kernel says of it as well.
 * resume  where ld.so believes the program to start: rdx is its function to call at exit, which the program must get.
 * hook    called in place of a system call instruction by a thunk, which has stepped over the red zone: the number is in
 *         rax, arguments in rdi, rsi, rdx, r10, r8, r9. Like the kernel it changes rax, rcx and r11 only (and flags, which
 *         the code behind a system call never reads).
 */
  .text

  .globl start
start:
  mov %rsp, %rbx
  mov %rsp, %rdi
  call prepare
  mov %rbx, %rsp
  xor %edx, %edx
  xor %ebx, %ebx
  jmp *%rax

  .globl resume
resume:
  mov %rsp, %rbx
  mov %rdx, %rbp
  mov %rsp, %rdi
  call finish
  mov %rbx, %rsp
  mov %rbp, %rdx
  xor %ebx, %ebx
  xor %ebp, %ebp
  jmp *%rax

  .globl hook
hook:
  push %rbp
  mov %rsp, %rbp
  push %r9
  push %r8
  push %r10
  push %rdx
  push %rsi
  push %rdi
  push %rax
  /* The seven words are the array that answer takes. */
  mov %rsp, %rdi
  and $-16, %rsp
  cld
  call answer
  lea -56(%rbp), %rsp
  pop %rcx
  pop %rdi
  pop %rsi
  pop %rdx
  pop %r10
  pop %r8
  pop %r9
  pop %rbp
  ret

  .section .note.GNU-stack, "", @progbits
